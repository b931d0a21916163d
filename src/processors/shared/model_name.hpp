// The model that an option chooses.
#pragma once

#include <string>

#include "core/options/option.hpp"

namespace facegraph::processors {

// The value of --face-editor-model for "face_editor". Throws Error(kUsage) where the model set has no model for that
// processor.
const std::string& model_name(const core::OptionValues& values, const std::string& processor);

}  // namespace facegraph::processors
