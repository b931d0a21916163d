// The background remover models. spec: portrait-frame-processors.md 9.1
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/types/image.hpp"
#include "models/catalogue/model_file.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::processors {

// What the network gives. kMatte: output 0 is the foreground's opacity, 0..1. kClasses: output 0 holds scores of
// classes of clothes, the first is none. kKeyer: takes a fourth plane that says where the green screen is, and gives
// opacity and the foreground's colours.
enum class RemoverType { kMatte, kClasses, kKeyer };

// Input "input": f32 [1, 3 or 4, h, w], RGB.
struct BackgroundRemoverModel {
  models::ModelFile file;
  RemoverType type = RemoverType::kMatte;
  core::Size size;
  std::array<double, 3> mean{};
  std::array<double, 3> standard_deviation{1, 1, 1};
};

const std::vector<BackgroundRemoverModel>& background_remover_models(models::ModelSet set);

}  // namespace facegraph::processors
