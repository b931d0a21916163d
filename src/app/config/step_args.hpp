// Options frozen into the steps of a job, and back. spec: application.md 2.1 (class S), 2.3, 5.2
#pragma once

#include "app/config/option_tables.hpp"
#include "jobs/store/job.hpp"

namespace facegraph::app {

// The step options of the tables, by key, in the tables' order. Options of facegraph's own belong to the running
// command and are not among them: a step holds what the reference's does.
jobs::StepArgs step_args(const OptionTables& tables, const core::OptionValues& values);

// What a step is run with: its arguments, the built-in default where it has none, and everything else as the running
// command has it. Throws Error(kFailed), with the key, for a value that the option does not take.
core::OptionValues step_values(const jobs::StepArgs& args, const core::OptionValues& command);

}  // namespace facegraph::app
