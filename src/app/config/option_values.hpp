// From what was written to values: every option of the tables gets one, its default where nothing was given.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/config/option_tables.hpp"
#include "core/options/option.hpp"

namespace facegraph::app {

struct Given {
  std::vector<std::string> tokens;
  std::string written = {};  // what messages call it: "facefusion.ini:12: face_mask_blur"; empty: "--face-mask-blur"
  std::string origin = {};   // "facefusion.ini:12"; empty: the command line
};

// By the option's name.
using GivenOptions = std::map<std::string, Given>;

// Throws Error(kUsage) for a value that its option does not take, and says where it stands. Names in `given` that no
// table has are not looked at.
core::OptionValues option_values(const OptionTables& tables, const GivenOptions& given);

}  // namespace facegraph::app
