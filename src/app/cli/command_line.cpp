#include "app/cli/command_line.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <new>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/command_parser.hpp"
#include "app/cli/gpu_commands.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/stop_signals.hpp"
#include "app/config/option_tables.hpp"
#include "app/report/run_report.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/options/nearest_name.hpp"
#include "pipeline/headless.hpp"

namespace facegraph::app {
namespace {

using core::ErrorCode;

struct Command {
  std::string name;
  std::string description;
  const OptionTables& (*tables)();
  void (*run)(const core::OptionValues&);
};

void headless_run(const core::OptionValues& values) {
  if (values.is_set("report")) {
    check_report_path(values.string("report"));
  }
  StopSignals signals;
  core::Progress progress;
  const ProgressDisplay display(progress, progress_style());
  const pipeline::RunReport report = pipeline::run_headless(values, signals.token(), progress);
  if (values.is_set("report")) {
    write_report(values.string("report"), report);
  }
  core::log_debug("headless", "{}", report_table(report));
}

const std::vector<Command>& commands() {
  static const std::vector<Command> list{
      {"headless-run", "Process one picture or video and leave", headless_run_tables, headless_run},
      {"doctor", "Show what the machine has for running on GPUs, and what it lacks", doctor_tables, doctor},
      {"benchmark-graphs", "Measure what CUDA-graph replay gains for every installed model", benchmark_graphs_tables,
       benchmark_graphs},
  };
  return list;
}

void set_log_level(const core::OptionValues& values) {
  // The order of core::LogLevel.
  static const std::vector<std::string> names{"error", "warn", "info", "debug"};
  const auto found = std::find(names.begin(), names.end(), values.string("log-level"));
  core::set_log_level(static_cast<core::LogLevel>(found - names.begin()));
}

void print_program_help() {
  fmt::print("Usage: facegraph [-h | --help] [-v | --version] COMMAND [OPTIONS]\n\nCommands:\n");
  for (const Command& command : commands()) {
    fmt::print("  {:<16}{}\n", command.name, command.description);
  }
  fmt::print("\n'facegraph COMMAND --help' lists a command's options.\n");
}

const Command& find_command(const std::string& name) {
  if (name.starts_with('-')) {
    core::fail(ErrorCode::kUsage, "unknown option '{}': expected a command, --help or --version", name);
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == name) {
      return command;
    }
    names.push_back(command.name);
  }
  core::fail(ErrorCode::kUsage, "unknown command '{}': expected {}{}", name, fmt::join(names, ", "),
             core::suggestion(name, names));
}

// True when the whole line was a question about the program itself, which is then answered.
bool answer_question(const std::string& word) {
  const auto shortens = [&word](std::string_view option) { return word.size() > 2 && option.starts_with(word); };
  if (word == "-h" || shortens("--help")) {
    print_program_help();
    return true;
  }
  if (word == "-v" || shortens("--version")) {
    fmt::print("facegraph {}\n", FACEGRAPH_VERSION);
    return true;
  }
  return false;
}

ParsedCommand parse(const Command& command, std::span<const std::string> arguments) {
  try {
    return parse_command(arguments, command.tables());
  } catch (const core::Error&) {
    const std::string usage =
        fmt::format("Usage: facegraph {0} [OPTIONS] ('facegraph {0} --help' lists them)\n", command.name);
    std::fputs(usage.c_str(), stderr);
    throw;
  }
}

void run_command(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print_program_help();
    return;
  }
  if (answer_question(arguments[0])) {
    return;
  }
  const Command& command = find_command(arguments[0]);
  const std::string invocation = "facegraph " + command.name;
  const ParsedCommand parsed = parse(command, std::span(arguments).subspan(1));
  if (parsed.help) {
    fmt::print("{}", command_help(invocation, command.description, command.tables()));
    return;
  }
  set_log_level(parsed.values);
  command.run(parsed.values);
}

// Names come from the user and from files: whatever they hold, an error stays one line.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return text;
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
      return 2;
    case ErrorCode::kStopped:
      return 4;
    case ErrorCode::kFailed:
    case ErrorCode::kRefused:
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kDeviceLost:
      return 1;
  }
  return 1;
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments) {
  try {
    run_command(arguments);
    return 0;
  } catch (const core::Error& error) {
    core::log_error("cli", "{}", one_line(error.what()));
    return exit_code(error.code());
  } catch (const std::bad_alloc&) {
    core::log_error("cli", "out of memory: close other programs or take a smaller picture or video");
  } catch (const std::exception& error) {
    core::log_error("cli", "unexpected error: {}", one_line(error.what()));
  }
  return exit_code(ErrorCode::kFailed);
}

}  // namespace facegraph::app
