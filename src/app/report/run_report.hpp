// What a run cost, for --report and for the end of a log at level debug.
#pragma once

#include <filesystem>
#include <string>

#include "pipeline/workflows/report.hpp"

namespace facegraph::app {

// One JSON object: run, start, stages, models, graphs. docs/user/cuda-graphs.md describes the keys.
std::string report_json(const pipeline::RunReport& report);

// Lines for a terminal.
std::string report_table(const pipeline::RunReport& report);

// Throws Error(kUsage) when the folder that a report is to lie in is not there: to be said before the work.
void check_report_path(const std::filesystem::path& path);

// Written beside and renamed. Throws Error(kFailed) when the file cannot be written.
void write_report(const std::filesystem::path& path, const pipeline::RunReport& report);

}  // namespace facegraph::app
