#include <filesystem>

#include "app/config/option_tables.hpp"

namespace facegraph::app {

using core::Option;
using core::OptionKind;
using core::OptionRange;
using core::OptionScope;

namespace {

std::string system_temp_path() {
  std::error_code absent;
  const std::filesystem::path path = std::filesystem::temp_directory_path(absent);
  return absent ? "/tmp" : path.string();
}

}  // namespace

const std::vector<Option>& config_options() {
  static const std::vector<Option> table{
      {.name = "config-path",
       .scope = OptionScope::kJob,
       .help = "ini file with defaults of options; unset: facegraph.ini, else facefusion.ini, in the current folder"},
  };
  return table;
}

const std::vector<Option>& temp_options() {
  static const std::vector<Option> table{
      {.name = "temp-path",
       .section = "paths",
       .scope = OptionScope::kJob,
       .help = "folder for temporary files",
       .default_value = system_temp_path()},
  };
  return table;
}

const std::vector<Option>& jobs_options() {
  static const std::vector<Option> table{
      {.name = "jobs-path",
       .section = "paths",
       .scope = OptionScope::kJob,
       .help = "folder that the jobs lie in",
       .default_value = std::string(".jobs")},
  };
  return table;
}

const std::vector<Option>& source_options() {
  static const std::vector<Option> table{
      {.name = "source-paths",
       .short_name = 's',
       .kind = OptionKind::kStringList,
       .section = "paths",
       .help = "pictures or sounds that the processors take from"},
  };
  return table;
}

const std::vector<Option>& target_options() {
  static const std::vector<Option> table{
      {.name = "target-path", .short_name = 't', .section = "paths", .help = "picture or video to be processed"},
  };
  return table;
}

const std::vector<Option>& output_options() {
  static const std::vector<Option> table{
      {.name = "output-path", .short_name = 'o', .section = "paths", .help = "file to be written"},
  };
  return table;
}

const std::vector<Option>& pattern_options() {
  static const std::vector<Option> table{
      {.name = "source-pattern",
       .short_name = 's',
       .section = "patterns",
       .scope = OptionScope::kJob,
       .help = "pictures or sounds to take from, as folder/name with * ? [ ] in the name"},
      {.name = "target-pattern",
       .short_name = 't',
       .section = "patterns",
       .scope = OptionScope::kJob,
       .help = "pictures and videos to be processed, as folder/name with * ? [ ] in the name"},
      {.name = "output-pattern",
       .short_name = 'o',
       .section = "patterns",
       .scope = OptionScope::kJob,
       .help = "files to be written, with {index}, {source_name}, {target_name} and {target_extension}"},
  };
  return table;
}

const std::vector<Option>& ui_options() {
  static const std::vector<Option> table{
      {.name = "open-browser",
       .kind = OptionKind::kFlag,
       .section = "uis",
       .scope = OptionScope::kJob,
       .help = "open the web page in a browser",
       .default_value = false},
      {.name = "ui-layouts",
       .kind = OptionKind::kStringList,
       .section = "uis",
       .scope = OptionScope::kJob,
       .help = "what the web page shows",
       .default_value = std::vector<std::string>{"default"},
       .choices = {"benchmark", "default", "jobs", "webcam"}},
      {.name = "ui-workflow",
       .section = "uis",
       .scope = OptionScope::kJob,
       .help = "how the web page runs things",
       .default_value = std::string("instant_runner"),
       .choices = {"instant_runner", "job_runner", "job_manager"}},
  };
  return table;
}

const std::vector<Option>& benchmark_options() {
  static const std::vector<Option> table{
      {.name = "benchmark-mode",
       .section = "benchmark",
       .scope = OptionScope::kJob,
       .help = "warm: an untimed run comes before the timed ones; cold: none",
       .default_value = std::string("warm"),
       .choices = {"warm", "cold"}},
      {.name = "benchmark-resolutions",
       .kind = OptionKind::kStringList,
       .section = "benchmark",
       .scope = OptionScope::kJob,
       .help = "videos to be processed",
       .default_value = std::vector<std::string>{"240p"},
       .choices = {"240p", "360p", "540p", "720p", "1080p", "1440p", "2160p"}},
      {.name = "benchmark-cycle-count",
       .kind = OptionKind::kInteger,
       .section = "benchmark",
       .scope = OptionScope::kJob,
       .help = "timed runs of each video",
       .default_value = 5LL,
       .range = OptionRange{1, 10, 1}},
  };
  return table;
}

const std::vector<Option>& graph_benchmark_options() {
  static const std::vector<Option> table{
      {.name = "benchmark-rounds",
       .kind = OptionKind::kInteger,
       .section = "benchmark",
       .scope = OptionScope::kJob,
       .help = "timed runs of each model and side",
       .default_value = 100LL,
       .range = OptionRange{1, 100000, 1}},
      {.name = "benchmark-size",
       .kind = OptionKind::kInteger,
       .section = "benchmark",
       .scope = OptionScope::kJob,
       .help = "side in pixels where a model leaves it open",
       .default_value = 640LL,
       .range = OptionRange{32, 4096, 32}},
  };
  return table;
}

const std::vector<Option>& log_options() {
  static const std::vector<Option> table{
      {.name = "log-level",
       .section = "misc",
       .scope = OptionScope::kJob,
       .help = "least severe messages that are shown; warn and error hide the progress too",
       .default_value = std::string("info"),
       .choices = {"error", "warn", "info", "debug"}},
      {.name = "log-format",
       .section = "misc",
       .scope = OptionScope::kJob,
       .help = "messages as text, or each as a line of JSON",
       .default_value = std::string("text"),
       .choices = {"text", "json"}},
  };
  return table;
}

const std::vector<Option>& halt_options() {
  static const std::vector<Option> table{
      {.name = "halt-on-error",
       .kind = OptionKind::kFlag,
       .section = "misc",
       .scope = OptionScope::kJob,
       .help = "stop at the first job that fails",
       .default_value = false},
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

const std::vector<Option>& job_status_positional() {
  static const std::vector<Option> table{
      {.name = "job-status",
       .scope = OptionScope::kJob,
       .help = "which jobs",
       .choices = {"drafted", "queued", "completed", "failed"}},
  };
  return table;
}

const std::vector<Option>& job_id_positional() {
  static const std::vector<Option> table{
      {.name = "job-id", .scope = OptionScope::kJob, .help = "name of the job"},
  };
  return table;
}

const std::vector<Option>& job_step_positionals() {
  static const std::vector<Option> table{
      job_id_positional().front(),
      {.name = "step-index",
       .kind = OptionKind::kInteger,
       .scope = OptionScope::kJob,
       .help = "number of the step, from 0; negative: the last one"},
  };
  return table;
}

}  // namespace facegraph::app
