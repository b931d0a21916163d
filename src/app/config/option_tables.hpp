// Which options a command has: the one place that lists the tables of all modules. Parsing, help, defaults and files
// are made from these lists.
#pragma once

#include <vector>

#include "core/options/option.hpp"

namespace facegraph::app {

using OptionTables = std::vector<const std::vector<core::Option>*>;

const OptionTables& headless_run_tables();

// The options that belong to no other room.
const std::vector<core::Option>& path_options();    // source-paths, target-path, output-path
const std::vector<core::Option>& misc_options();    // log-level
const std::vector<core::Option>& report_options();  // report

}  // namespace facegraph::app
