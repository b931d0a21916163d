// Restores detail of the selected faces. spec: face-processors.md section 7.
#pragma once

#include <memory>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

// Input "input" and output 0: f32 [1, 3, size, size], RGB, -1..1. Some models take a "weight" too: f64 [1].
struct EnhancerModel {
  models::ModelFile file;
  ops::WarpTemplate warp_template = ops::WarpTemplate::kFfhq512;
  int size = 0;
};

const std::vector<EnhancerModel>& enhancer_models(models::ModelSet set);

struct FaceEnhancerOptions {
  EnhancerModel model;
  int blend = 80;       // percent of the enhanced face
  double weight = 0.5;  // of models that take one: 0 is most detail, 1 most like the original
  analysers::MaskerOptions masker;

  // Throws Error(kUsage) where the model set has no enhancer.
  static FaceEnhancerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& face_enhancer_options();
std::unique_ptr<Processor> make_face_enhancer(const core::OptionValues& values);

}  // namespace facegraph::processors
