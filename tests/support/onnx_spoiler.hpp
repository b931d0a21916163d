// Makes a model give NaN or infinity.
#pragma once

#include <filesystem>

namespace facegraph::test {

// A copy of the model that adds `value` to every float32 output. Throws std::runtime_error for what is no model.
void spoil_model(const std::filesystem::path& from, const std::filesystem::path& to, float value);

}  // namespace facegraph::test
