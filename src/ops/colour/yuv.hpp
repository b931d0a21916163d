// BGR to planar YUV 4:2:0 for encoders: BT.709, limited range. Equal to swscale bit by bit (yuv_formula.hpp).
#pragma once

#include <cstddef>

#include "core/types/image.hpp"

namespace facegraph::ops {

struct YuvPlanes {
  core::ImageView y;  // u8, one channel, the picture's size
  core::ImageView u;  // half of it per side
  core::ImageView v;
};

// bgr: u8, 3 channels, even sides.
void bgr_to_yuv420(const YuvPlanes& out, core::ConstImageView bgr);

// The three planes one after another in a picture of one channel and no gaps: as wide as they show and half as high
// again. Encoders call it I420.
constexpr core::Size i420_size(core::Size size) {
  return {size.width, size.height / 2 * 3};
}
inline YuvPlanes i420_planes(core::ImageView i420) {
  const core::Size size{i420.width, i420.height / 3 * 2};
  const auto plane = [](std::byte* data, int width, int height) {
    return core::ImageView(data, width, height, 1, core::Depth::kU8, width);
  };
  std::byte* u = i420.data + static_cast<std::ptrdiff_t>(size.width) * size.height;
  std::byte* v = u + static_cast<std::ptrdiff_t>(size.width / 2) * (size.height / 2);
  return {plane(i420.data, size.width, size.height), plane(u, size.width / 2, size.height / 2),
          plane(v, size.width / 2, size.height / 2)};
}

}  // namespace facegraph::ops
