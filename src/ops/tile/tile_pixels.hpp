// The pixel programs of tiles.
#pragma once

#include "ops/gpu/pixels.hpp"
#include "ops/tile/tile_formula.hpp"
#include "ops/tile/tiles.hpp"

namespace facegraph::ops {

// Over the tile.
struct TileInputPixels {
  float* out;
  core::ConstImageView frame;
  Tile tile;
  int side;
  const ValueTable* table;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const int column = tile.x + x;
    const int row = tile.y + y;
    const bool is_inside = column >= 0 && column < frame.width && row >= 0 && row < frame.height;
    const auto plane = static_cast<std::ptrdiff_t>(side) * side;
    float* to = out + static_cast<std::ptrdiff_t>(y) * side + x;
    for (int channel = 0; channel < 3; ++channel) {
      const int level = is_inside ? pixel_at<std::uint8_t>(frame, column, row)[2 - channel] : 0;
      to[channel * plane] = (*table)[channel][level];
    }
  }
};

// Over the result. in: the network's tile from the core's first pixel on.
struct TileResultPixels {
  core::ImageView out;
  const float* in;
  std::ptrdiff_t side;  // of the network's result

  FACEGRAPH_HD void operator()(int x, int y) const {
    const float* from = in + y * side + x;
    auto* pixel = pixel_at<std::uint8_t>(out, x, y);
    for (int channel = 0; channel < 3; ++channel) {
      pixel[2 - channel] = unit_to_byte(from[channel * side * side]);
    }
  }
};

inline const float* core_of(const float* in, const Tile& tile, int side, int scale) {
  return in + static_cast<std::ptrdiff_t>(scale) * (tile.top - tile.y) * side * scale +
         static_cast<std::ptrdiff_t>(scale) * (tile.left - tile.x);
}

}  // namespace facegraph::ops
