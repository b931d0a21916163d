// Finds what stands before the background and makes the rest transparent. spec: portrait-frame-processors.md section 9.
#pragma once

#include <memory>
#include <vector>

#include "core/options/option.hpp"
#include "ops/matte/matte.hpp"
#include "processors/background_remover/background_remover_models.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct BackgroundRemoverOptions {
  BackgroundRemoverModel model;
  ops::Rgba fill;     // laid over the background
  ops::Rgba despill;  // taken out of the frame

  // Throws Error(kUsage) where the model set has no model.
  static BackgroundRemoverOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& background_remover_options();
std::unique_ptr<Processor> make_background_remover(const core::OptionValues& values);

}  // namespace facegraph::processors
