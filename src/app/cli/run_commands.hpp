// The commands that process without a job file of the user's: headless-run, run.
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

void headless_run(const Invocation& call);

// The web page is not written yet: throws Error(kFailed) that says so.
void run_page(const Invocation& call);

}  // namespace facegraph::app
