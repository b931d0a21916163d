// Rows of a processor's table of models; each has a `file`.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace facegraph::processors {

template <typename Model>
std::vector<std::string> names_of(const std::vector<Model>& table) {
  std::vector<std::string> names;
  for (const Model& model : table) {
    names.push_back(model.file.name);
  }
  return names;
}

// Throws Error(kUsage) for a name that is not in the table.
template <typename Model>
const Model& model_of(const std::vector<Model>& table, const std::string& processor, const std::string& name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Model& model) { return model.file.name == name; });
  if (found == table.end()) {
    core::fail(core::ErrorCode::kUsage, "{}: no model {}", processor, name);
  }
  return *found;
}

}  // namespace facegraph::processors
