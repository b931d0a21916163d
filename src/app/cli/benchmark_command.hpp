// facegraph benchmark: whole runs over the reference's example videos. spec: application.md 9
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

// Prints the reference's table; on a GPU with every video twice, without and with CUDA graphs. Throws Error(kUsage)
// when the examples are missing, else as run_headless.
void benchmark(const Invocation& call);

}  // namespace facegraph::app
