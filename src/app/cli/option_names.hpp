// Option names as the user writes them: complete, shortened to an unambiguous beginning, as a letter, with '=' or not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/config/option_tables.hpp"

namespace facegraph::app {

// The arguments with every option spelled "--complete-name" and its "=value" or "-xvalue" as a token of its own.
// Throws Error(kUsage) for unknown and ambiguous options, with the nearest name, and for options without their value.
// --help and -h count as a flag. Numbers ("-1") and what contains a blank are values unless they begin with an option's
// name.
std::vector<std::string> expand_option_names(std::span<const std::string> arguments, const OptionTables& tables);

}  // namespace facegraph::app
