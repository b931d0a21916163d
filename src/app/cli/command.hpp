// What a command is: one row of the table in commands.cpp.
#pragma once

#include <string>
#include <vector>

#include "app/config/option_tables.hpp"
#include "app/config/option_values.hpp"

namespace facegraph::app {

// What a command is run with.
struct Invocation {
  const OptionTables& tables;  // of the command's options, without the positionals
  core::OptionValues values;   // of these options and of the positionals
  GivenOptions given;          // what was written for them, and where; the others have their built-in default
};

struct Command {
  std::string name;
  std::string description;
  std::vector<Group> groups;
  void (*run)(const Invocation&) = nullptr;  // throws core::Error; exit codes are made of it
  std::vector<core::Option> positionals = {};

  OptionTables tables() const { return tables_of(groups); }
};

// All commands, in the order of the help.
const std::vector<Command>& commands();

// What runs when the line begins with an option.
inline constexpr const char* kUnnamedCommand = "headless-run";

std::string program_version();

}  // namespace facegraph::app
