// facegraph config: the settings in force.
#pragma once

#include "app/cli/command.hpp"

namespace facegraph::app {

// Prints a configuration file with all settings, and before them, as comments, where they come from: the command line,
// a file and line, or the program.
void print_config(const Invocation& call);

}  // namespace facegraph::app
