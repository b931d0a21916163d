// Puts the one face that a model was made of onto the selected faces. spec: face-processors.md section 6.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

// The .dfm files of a models folder as --deep-swapper-model names them: SCOPE/NAME for SCOPE/NAME.dfm, sorted. We offer
// no list of people: what lies there is what there is.
std::vector<std::string> deep_swapper_names(const std::filesystem::path& folder);

// A file of that folder. One of the scope "custom" may do without .hash. Throws Error(kUsage) that says where to put a
// file when there is none of that name.
models::ModelFile deep_swapper_model(const std::string& name, const std::filesystem::path& folder);

struct DeepSwapperOptions {
  models::ModelFile model;
  int morph = 100;  // percent of the model's face, for models that can mix
  analysers::MaskerOptions masker;

  // Looks into the standard models folder. Throws Error(kUsage) when no model is named or it is not there; there is no
  // default.
  static DeepSwapperOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& deep_swapper_options();
std::unique_ptr<Processor> make_deep_swapper(const core::OptionValues& values);

}  // namespace facegraph::processors
