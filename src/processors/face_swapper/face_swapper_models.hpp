// The swapper models. spec: face-processors.md 5.1
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "models/catalogue/model_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::processors {

enum class SwapperType { kBlendswap, kGhost, kHififace, kHyperswap, kInswapper, kSimswap, kUniface };

struct SwapperModel {
  models::ModelFile file;
  SwapperType type = SwapperType::kInswapper;
  ops::WarpTemplate warp_template = ops::WarpTemplate::kArcface128;
  int size = 0;
  std::array<double, 3> mean{};
  std::array<double, 3> standard_deviation{1, 1, 1};
  std::optional<models::ModelFile> converter = {};  // arcface embedding -> the model's own identity space

  // What the network needs of the source: an identity vector, or a picture of the face.
  bool takes_source_picture() const { return type == SwapperType::kBlendswap || type == SwapperType::kUniface; }
  // Output -1..1 (made 0..1 in double) instead of 0..1.
  bool signed_output() const {
    return type == SwapperType::kGhost || type == SwapperType::kHififace || type == SwapperType::kHyperswap ||
           type == SwapperType::kUniface;
  }
};

const std::vector<SwapperModel>& swapper_models(models::ModelSet set);
// Of either set. Throws Error(kUsage) for another name.
const SwapperModel& swapper_model(const std::string& name);

// Sides of the picture that is swapped, first = default: "256x256". spec: application.md 2.2
std::vector<std::string> pixel_boost_choices(const std::string& model);

}  // namespace facegraph::processors
