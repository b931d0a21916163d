#include "ops/blend/blend_checks.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

void check_blend(core::ConstImageView out, core::ConstImageView below, core::ConstImageView above) {
  const auto fits = [&](core::ConstImageView picture) {
    return picture.depth == core::Depth::kU8 && picture.size() == out.size() && picture.channels == out.channels;
  };
  if (out.depth != core::Depth::kU8 || !fits(below) || !fits(above)) {
    core::fail(core::ErrorCode::kFailed, "blend: pictures {}x{}x{} and {}x{}x{}, expected two of 8 bits and {}x{}x{}",
               below.width, below.height, below.channels, above.width, above.height, above.channels, out.width,
               out.height, out.channels);
  }
}

void check_paste(core::ConstImageView frame, core::ConstImageView crop, core::ConstImageView mask) {
  if (frame.depth != core::Depth::kU8 || frame.channels != 3 || crop.channels != 3) {
    core::fail(core::ErrorCode::kFailed,
               "paste_back: frame of {} channels and crop of {}, expected an 8-bit frame and 3 channels",
               frame.channels, crop.channels);
  }
  if (crop.empty() || mask.depth != core::Depth::kF32 || mask.channels != 1 || mask.size() != crop.size()) {
    core::fail(core::ErrorCode::kFailed,
               "paste_back: crop {}x{} and mask {}x{} of {} channels, expected a float mask of the crop's size",
               crop.width, crop.height, mask.width, mask.height, mask.channels);
  }
}

void check_boost_tile(core::ConstImageView crop, core::ConstImageView tile, int factor, int a, int b) {
  const bool fits = factor > 0 && crop.width == tile.width * factor && crop.height == tile.height * factor;
  const bool is_phase = a >= 0 && b >= 0 && a < factor && b < factor;
  if (!fits || !is_phase || crop.channels != tile.channels || crop.depth != tile.depth) {
    core::fail(core::ErrorCode::kFailed,
               "pixel boost: tile ({}, {}) of {}x{} and crop of {}x{}, expected a crop of {} times the tile's size", a,
               b, tile.width, tile.height, crop.width, crop.height, factor);
  }
}

}  // namespace facegraph::ops
