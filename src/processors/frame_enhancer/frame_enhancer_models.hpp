// The frame enhancer models. spec: portrait-frame-processors.md 7.1
#pragma once

#include <string>
#include <vector>

#include "models/catalogue/model_file.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/tile/tiles.hpp"

namespace facegraph::processors {

// Input "input": f32 [1, 3, T, T], RGB 0..1, T the tile's side; output 0: [1, 3, scale * T, scale * T], alike.
struct FrameEnhancerModel {
  models::ModelFile file;
  ops::TileShape tile;
  int scale = 0;
};

const std::vector<FrameEnhancerModel>& frame_enhancer_models(models::ModelSet set);

}  // namespace facegraph::processors
