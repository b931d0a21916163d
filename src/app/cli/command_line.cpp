#include "app/cli/command_line.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <new>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/command.hpp"
#include "app/cli/command_parser.hpp"
#include "app/cli/json_log.hpp"
#include "app/config/configuration.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/options/nearest_name.hpp"

namespace facegraph::app {
namespace {

using core::ErrorCode;

void set_up_log(const core::OptionValues& values) {
  // The order of core::LogLevel.
  static const std::vector<std::string> names{"error", "warn", "info", "debug"};
  const auto found = std::find(names.begin(), names.end(), values.string("log-level"));
  core::set_log_level(static_cast<core::LogLevel>(found - names.begin()));
  set_json_log(values.string("log-format") == "json");
}

void print_program_help() {
  fmt::print(
      "Usage: facegraph [-h | --help] [-v | --version] COMMAND [OPTIONS]\n"
      "       facegraph OPTIONS   (the same as facegraph {} OPTIONS)\n\nCommands:\n",
      kUnnamedCommand);
  for (const Command& command : commands()) {
    fmt::print("  {:<18}{}\n", command.name, command.description);
  }
  fmt::print("\n'facegraph COMMAND --help' lists a command's options.\n");
}

const Command& find_command(const std::string& name) {
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

void print_usage(const Command& command) {
  std::string usage = "Usage: facegraph " + command.name;
  for (const core::Option& positional : command.positionals) {
    usage += fmt::format(" {}", positional.key());
  }
  usage += fmt::format(" [OPTIONS] ('facegraph {} --help' lists them)\n", command.name);
  std::fputs(usage.c_str(), stderr);
}

// True when the whole line was a question about the program itself, which is then answered.
bool answer_question(const std::string& word) {
  const auto shortens = [&word](std::string_view option) { return word.size() > 2 && option.starts_with(word); };
  if (word == "-h" || shortens("--help")) {
    print_program_help();
    return true;
  }
  if (word == "-v" || shortens("--version")) {
    fmt::print("facegraph {}\n", program_version());
    return true;
  }
  return false;
}

ParsedLine parse(const Command& command, std::span<const std::string> arguments, const OptionTables& tables) {
  try {
    return parse_line(arguments, tables, command.positionals);
  } catch (const core::Error&) {
    print_usage(command);
    throw;
  }
}

constexpr std::size_t kLongestLine = 8000;  // two paths as long as paths can be fit in

// Names come from the user and from files: whatever they hold, an error stays one line that can be read.
std::string one_line(std::string text) {
  if (text.size() > kLongestLine) {
    text.replace(kLongestLine / 2, text.size() - kLongestLine, " ... ");
  }
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return text;
}

// What the line leaves open comes from the configuration file, all of which is checked whatever the command.
core::OptionValues values_of(const Command& command, OptionTables tables, const GivenOptions& given,
                             const std::string& file) {
  tables.push_back(&command.positionals);
  try {
    option_values(all_tables(), given);
    return option_values(tables, given);
  } catch (const core::Error& error) {
    if (file.empty() || !std::string_view(error.what()).starts_with(file)) {
      print_usage(command);
    }
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
  const bool named = !arguments[0].starts_with('-');
  const Command& command = find_command(named ? arguments[0] : kUnnamedCommand);
  const OptionTables tables = command.tables();
  ParsedLine line = parse(command, std::span(arguments).subspan(named ? 1 : 0), tables);
  if (line.help) {
    fmt::print("{}", command_help("facegraph " + command.name, command.description, tables, command.positionals));
    return;
  }
  const auto path = line.given.find("config-path");
  Configuration file = read_configuration(path == line.given.end() ? "" : path->second.tokens[0], all_tables());
  line.given.merge(file.given);  // what the line gives stays
  Invocation call{tables, values_of(command, tables, line.given, file.name), std::move(line.given)};
  set_up_log(call.values);
  for (const std::string& warning : file.warnings) {
    core::log_warn("config", "{}", one_line(warning));
  }
  command.run(call);
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
