// The pixel programs of paste_back and of pixel boost.
#pragma once

#include <type_traits>

#include "ops/blend/paste_formula.hpp"
#include "ops/geometry/warp_pixels.hpp"

namespace facegraph::ops {

// Over the area, a part of the frame; what lies under no mask stays. T: the crop's depth.
template <typename T>
struct PastePixels {
  core::ImageView area;
  WarpSampler<T> crop;  // through the area's matrix, like the mask
  WarpSampler<float> mask;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const float weight = clip_to_one(mask.at(mask.locate(x, y), 0));
    if (weight == 0) {
      return;
    }
    using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const auto taps = crop.locate(x, y);
    auto* pixel = pixel_at<std::uint8_t>(area, x, y);
    for (int c = 0; c < area.channels; ++c) {
      pixel[c] = pasted(pixel[c], static_cast<Real>(crop.at(taps, c)), weight);
    }
  }
};

// A pixel boost tile and its pixels of the crop, byte by byte, whatever the depth. x, y: of the tile.
struct BoostTile {
  int factor;
  int a;
  int b;
  int pixel_bytes;

  FACEGRAPH_HD std::ptrdiff_t crop_offset(std::ptrdiff_t stride, int x, int y) const {
    return (y * factor + a) * stride + static_cast<std::ptrdiff_t>(x * factor + b) * pixel_bytes;
  }
  FACEGRAPH_HD std::ptrdiff_t tile_offset(std::ptrdiff_t stride, int x, int y) const {
    return y * stride + static_cast<std::ptrdiff_t>(x) * pixel_bytes;
  }
};

struct ImplodePixels {
  core::ImageView tile;
  core::ConstImageView crop;
  BoostTile boost;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const std::byte* from = crop.data + boost.crop_offset(crop.stride, x, y);
    std::byte* to = tile.data + boost.tile_offset(tile.stride, x, y);
    for (int i = 0; i < boost.pixel_bytes; ++i) {
      to[i] = from[i];
    }
  }
};

struct ExplodePixels {
  core::ImageView crop;
  core::ConstImageView tile;
  BoostTile boost;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const std::byte* from = tile.data + boost.tile_offset(tile.stride, x, y);
    std::byte* to = crop.data + boost.crop_offset(crop.stride, x, y);
    for (int i = 0; i < boost.pixel_bytes; ++i) {
      to[i] = from[i];
    }
  }
};

}  // namespace facegraph::ops
