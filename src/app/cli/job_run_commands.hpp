// The commands that run jobs, those without a job file of the user's among them. spec: application.md 1.2, 5.5, 6
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

void headless_run(const Invocation& call);
void batch_run(const Invocation& call);
void job_run(const Invocation& call);
void job_run_all(const Invocation& call);
void job_retry(const Invocation& call);
void job_retry_all(const Invocation& call);

}  // namespace facegraph::app
