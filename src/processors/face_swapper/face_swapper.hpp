// Puts the source's face onto the target's faces. spec: face-processors.md section 5.
#pragma once

#include <memory>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "processors/face_swapper/face_swapper_models.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct FaceSwapperOptions {
  SwapperModel model;
  int pixel_boost = 0;  // side in pixels, a multiple of the model's size
  double weight = 0.5;
  analysers::MaskerOptions masker;

  // Throws Error(kRefused) for a pixel boost that is no multiple of the model's size: two listed choices are not (the
  // reference crashes there).
  static FaceSwapperOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& face_swapper_options();
std::unique_ptr<Processor> make_face_swapper(const core::OptionValues& values);

}  // namespace facegraph::processors
