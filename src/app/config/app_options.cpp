#include "app/config/option_tables.hpp"

namespace facegraph::app {

using core::Option;
using core::OptionKind;
using core::OptionScope;

const std::vector<Option>& path_options() {
  static const std::vector<Option> table{
      {.name = "source-paths",
       .short_name = 's',
       .kind = OptionKind::kStringList,
       .section = "paths",
       .help = "pictures or sounds that the processors take from"},
      {.name = "target-path", .short_name = 't', .section = "paths", .help = "picture or video to be processed"},
      {.name = "output-path", .short_name = 'o', .section = "paths", .help = "file to be written"},
  };
  return table;
}

const std::vector<Option>& misc_options() {
  static const std::vector<Option> table{
      {.name = "log-level",
       .section = "misc",
       .scope = OptionScope::kJob,
       .help = "least severe messages that are shown; warn and error hide the progress too",
       .default_value = "info",
       .choices = {"error", "warn", "info", "debug"}},
  };
  return table;
}

const std::vector<Option>& report_options() {
  static const std::vector<Option> table{
      {.name = "report",
       .section = "misc",
       .scope = OptionScope::kJob,
       .help = "JSON file for what the run cost: stages, models, graphs"},
  };
  return table;
}

}  // namespace facegraph::app
