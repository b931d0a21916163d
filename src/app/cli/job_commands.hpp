// The commands that write jobs down. spec: application.md 1.2, 5.3
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

// All throw Error(kFailed) where the reference's exit code is 1.
void job_list(const Invocation& call);
void job_create(const Invocation& call);
void job_submit(const Invocation& call);
void job_submit_all(const Invocation& call);
void job_delete(const Invocation& call);
void job_delete_all(const Invocation& call);
void job_add_step(const Invocation& call);
void job_remix_step(const Invocation& call);
void job_insert_step(const Invocation& call);
void job_remove_step(const Invocation& call);

}  // namespace facegraph::app
