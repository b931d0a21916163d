// From what was written to values: every option of the tables gets one, its default where nothing was given.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/config/option_tables.hpp"
#include "core/options/option.hpp"

namespace facegraph::app {

// The tokens that follow an option, by the option's name.
using GivenOptions = std::map<std::string, std::vector<std::string>>;

// Throws Error(kUsage) for a value that its option does not take. Names in `given` that no table has are not looked at.
core::OptionValues option_values(const OptionTables& tables, const GivenOptions& given);

}  // namespace facegraph::app
