// The command that opens the web page.
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

// The web page is not written yet: throws Error(kFailed) that says so.
void run_page(const Invocation& call);

}  // namespace facegraph::app
