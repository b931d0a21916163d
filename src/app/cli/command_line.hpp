// The edge of the program: arguments in, work done, every error turned into one line and an exit code.
#pragma once

#include <string>
#include <vector>

namespace facegraph::app {

// Runs the command line without the program's name and returns the exit code: 0 done, 1 failed or refused, 2 arguments
// or configuration, 4 stopped by a signal. Throws nothing.
int run_command_line(const std::vector<std::string>& arguments);

}  // namespace facegraph::app
