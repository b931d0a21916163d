// The commands that look at GPUs: doctor and benchmark-graphs.
#pragma once

#include "app/config/option_tables.hpp"

namespace facegraph::app {

const OptionTables& doctor_tables();
// Prints what the machine has. Throws Error(kFailed) when cuda cannot run on it.
void doctor(const core::OptionValues& values);

const OptionTables& benchmark_graphs_tables();
// Prints what replay gains for every installed model. Throws Error(kFailed) when cuda cannot run or no model is there.
void benchmark_graphs(const core::OptionValues& values);

}  // namespace facegraph::app
