// Names of threads, as tools show them. Threads that a library starts inherit the name of the thread that called it: so the CPU time of a
// codec's threads can be told from the rest.
#pragma once

#include <string_view>

namespace facegraph::pipeline {

void name_thread(const char* name);  // at most 15 characters

// CPU seconds so far of all living threads of the process whose name is `name`.
double cpu_seconds_of_threads(std::string_view name);

}  // namespace facegraph::pipeline
