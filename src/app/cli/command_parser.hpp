// A command's arguments, read by its option tables. Semantics: spec, application.md 1.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/cli/command.hpp"
#include "app/config/option_values.hpp"

namespace facegraph::app {

struct ParsedLine {
  bool help = false;   // asked for; nothing else is then looked at
  GivenOptions given;  // options and positionals, not checked yet
};

// `arguments` are those behind the command's name. Throws Error(kUsage) for what is no option, lacks its value or is
// too much or missing.
ParsedLine parse_line(std::span<const std::string> arguments, const OptionTables& tables,
                      const std::vector<core::Option>& positionals = {});

// How it is called, and all positionals and options by section, each with what it does, takes and is by default.
std::string command_help(const std::string& command, const std::string& description, const OptionTables& tables,
                         const std::vector<core::Option>& positionals = {});

}  // namespace facegraph::app
