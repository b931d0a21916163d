// Where model files are fetched from and how many of them. spec: application.md 2.1, 8
#pragma once

#include <vector>

#include "core/options/option.hpp"

namespace facegraph::models {

const std::vector<core::Option>& download_provider_options();  // download-providers
const std::vector<core::Option>& download_scope_options();     // download-scope

}  // namespace facegraph::models
