// A command's arguments, read by its option tables. Semantics: spec, application.md 1.
#pragma once

#include <span>
#include <string>

#include "app/config/option_values.hpp"

namespace facegraph::app {

struct ParsedCommand {
  bool help = false;  // asked for; `values` are then the defaults
  core::OptionValues values;
};

// `arguments` are those behind the command's name. Throws Error(kUsage).
ParsedCommand parse_command(std::span<const std::string> arguments, const OptionTables& tables);

// All options by section, each with what it does, takes and is by default.
std::string command_help(const std::string& command, const std::string& description, const OptionTables& tables);

}  // namespace facegraph::app
