// Gives the frame new colours. spec: portrait-frame-processors.md section 8.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/options/option.hpp"
#include "models/catalogue/model_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

enum class ColorizerType { kDdcolor, kDeoldify };

// Input "input": f32 [1, 3, h, w], grey; DDColor's 0..1, DeOldify's 0..255. Output 0: [1, 2, h, w], a and b of Lab, or
// [1, 3, h, w], RGB 0..255.
struct FrameColorizerModel {
  models::ModelFile file;
  ColorizerType type = ColorizerType::kDdcolor;
};

struct FrameColorizerOptions {
  FrameColorizerModel model;
  core::Size size;   // that the network works at
  double share = 1;  // of the coloured picture in the result

  // Throws Error(kUsage) where the model set has no model.
  static FrameColorizerOptions from(const core::OptionValues& values);
};

const std::vector<FrameColorizerModel>& frame_colorizer_models(models::ModelSet set);

const std::vector<core::Option>& frame_colorizer_options();
std::unique_ptr<Processor> make_frame_colorizer(const core::OptionValues& values);

}  // namespace facegraph::processors
