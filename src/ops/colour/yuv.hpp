// BGR to planar YUV 4:2:0 for encoders: BT.709, limited range. 15-bit coefficients, chroma from the mean of two by two
// pixels, results truncated: close to swscale, which the reference's outputs come from (luma within one level; the
// reference's videos within 57 dB).
#pragma once

#include <cstdint>

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

// 2^15 times the matrix, rounded.
struct YuvCoefficients {
  std::int32_t b;
  std::int32_t g;
  std::int32_t r;
};
constexpr YuvCoefficients kLuma709{2032, 20127, 5983};
constexpr YuvCoefficients kCb709{14392, -11094, -3298};
constexpr YuvCoefficients kCr709{-1320, -13072, 14392};

FACEGRAPH_HD inline std::uint8_t luma_709(std::int32_t b, std::int32_t g, std::int32_t r) {
  return static_cast<std::uint8_t>(((kLuma709.b * b + kLuma709.g * g + kLuma709.r * r) >> 15) + 16);
}

// Mean of four values: rows first, then columns, halves rounded up each time.
FACEGRAPH_HD inline std::int32_t mean_of_four(std::int32_t upper_left, std::int32_t upper_right,
                                              std::int32_t lower_left, std::int32_t lower_right) {
  return (((upper_left + lower_left + 1) >> 1) + ((upper_right + lower_right + 1) >> 1) + 1) >> 1;
}

FACEGRAPH_HD inline std::uint8_t chroma_709(const YuvCoefficients& k, std::int32_t b, std::int32_t g, std::int32_t r) {
  return static_cast<std::uint8_t>(((k.b * b + k.g * g + k.r * r) >> 15) + 128);
}

struct YuvPlanes {
  core::ImageView y;  // u8, one channel, the picture's size
  core::ImageView u;  // half of it per side
  core::ImageView v;
};

// bgr: u8, 3 channels, even sides.
void bgr_to_yuv420(const YuvPlanes& out, core::ConstImageView bgr);

}  // namespace facegraph::ops
