// Which options there are: the one place that lists the tables of all modules. Parsing, help, defaults, configuration
// files and the man page are made from these lists.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/options/option.hpp"

namespace facegraph::app {

using OptionTables = std::vector<const std::vector<core::Option>*>;

// What commands share, in the order of the configuration file. spec: application.md 1.1
enum class Group {
  kConfig,
  kTemp,
  kJobs,
  kSource,
  kTarget,
  kOutput,
  kPatterns,
  kStep,  // everything about the work itself
  kUi,
  kBenchmark,
  kGraphBenchmark,
  kRun,  // model set, execution, download providers, memory, log
  kExecution,
  kDownloadProviders,
  kDownloadScope,
  kLog,
  kHalt,
  kReport,
};

// The tables of the groups, each once.
OptionTables tables_of(std::span<const Group> groups);

const std::vector<Group>& all_groups();
// Those of all groups: what a configuration file may hold.
const OptionTables& all_tables();

// The sections of the configuration file that the tables have, each once.
std::vector<std::string> sections_of(const OptionTables& tables);

// The options that belong to no other room.
const std::vector<core::Option>& config_options();           // config-path
const std::vector<core::Option>& temp_options();             // temp-path
const std::vector<core::Option>& jobs_options();             // jobs-path
const std::vector<core::Option>& source_options();           // source-paths
const std::vector<core::Option>& target_options();           // target-path
const std::vector<core::Option>& output_options();           // output-path
const std::vector<core::Option>& pattern_options();          // source-, target-, output-pattern
const std::vector<core::Option>& ui_options();               // open-browser, ui-layouts, ui-workflow
const std::vector<core::Option>& benchmark_options();        // benchmark-mode, -resolutions, -cycle-count
const std::vector<core::Option>& graph_benchmark_options();  // benchmark-rounds, benchmark-size
const std::vector<core::Option>& log_options();              // log-level, log-format
const std::vector<core::Option>& halt_options();             // halt-on-error
const std::vector<core::Option>& report_options();           // report

// Positionals of commands, described like options.
const std::vector<core::Option>& job_status_positional();
const std::vector<core::Option>& job_id_positional();
const std::vector<core::Option>& job_step_positionals();  // job-id, step-index

}  // namespace facegraph::app
