// BGR to YUV 4:2:0, BT.709, limited range: what swscale gives on x86 for a picture that keeps its size, value by value.
// Its vector code does all rows but the first and the last two: sums are cut off twice, chroma is of the mean of two by
// two pixels. The rest is plain code's: sums are cut off once, chroma is of the upper left pixel.
#pragma once

#include <cstdint>

#include "core/base/host_device.hpp"

namespace facegraph::ops {

// 2^15 times the matrix, as swscale rounds it.
struct YuvCoefficients {
  std::int32_t b;
  std::int32_t g;
  std::int32_t r;
};
constexpr YuvCoefficients kLuma709{2032, 20127, 5983};
constexpr YuvCoefficients kCb709{14392, -11094, -3298};
constexpr YuvCoefficients kCr709{-1320, -13073, 14392};

// Of the rows of chroma, each of two rows of pixels.
FACEGRAPH_HD inline bool is_plain_row(int row, int rows) {
  return row == 0 || row == rows - 1;
}

FACEGRAPH_HD inline std::int32_t weighted(bool plain, const YuvCoefficients& k, std::int32_t b, std::int32_t g,
                                          std::int32_t r) {
  return plain ? (k.b * b + k.g * g + k.r * r) >> 15 : (((k.b * b + k.g * g) >> 8) + (k.r * r >> 8)) >> 7;
}

FACEGRAPH_HD inline std::uint8_t luma_709(bool plain, std::int32_t b, std::int32_t g, std::int32_t r) {
  const YuvCoefficients k = kLuma709;
  return static_cast<std::uint8_t>(weighted(plain, k, b, g, r) + 16);
}

FACEGRAPH_HD inline std::uint8_t chroma_709(bool plain, const YuvCoefficients& k, std::int32_t b, std::int32_t g,
                                            std::int32_t r) {
  return static_cast<std::uint8_t>(weighted(plain, k, b, g, r) + 128);
}

// One value of two by two pixels. Their mean: of the rows first, then of the columns, halves rounded up each time.
FACEGRAPH_HD inline std::int32_t value_for_chroma(bool plain, std::int32_t upper_left, std::int32_t upper_right,
                                                  std::int32_t lower_left, std::int32_t lower_right) {
  return plain ? upper_left : (((upper_left + lower_left + 1) >> 1) + ((upper_right + lower_right + 1) >> 1) + 1) >> 1;
}

}  // namespace facegraph::ops
