// Enlarges the frame, tile by tile, and mixes the result with the frame enlarged plainly. The frame leaves this
// processor `scale` times as large, its mask too. spec: portrait-frame-processors.md section 7.
#pragma once

#include <memory>
#include <vector>

#include "core/options/option.hpp"
#include "processors/frame_enhancer/frame_enhancer_models.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct FrameEnhancerOptions {
  FrameEnhancerModel model;
  double share = 0.8;  // of the enhanced picture in the result

  // Throws Error(kUsage) where the model set has no model.
  static FrameEnhancerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& frame_enhancer_options();
std::unique_ptr<Processor> make_frame_enhancer(const core::OptionValues& values);

}  // namespace facegraph::processors
