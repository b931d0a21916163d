// The commands that look at GPUs: doctor and benchmark-graphs.
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

// Prints what the machine has. Throws Error(kFailed) when cuda cannot run on it.
void doctor(const Invocation& call);

// Prints what replay gains for every installed model. Throws Error(kFailed) when cuda cannot run or no model is there.
void benchmark_graphs(const Invocation& call);

}  // namespace facegraph::app
