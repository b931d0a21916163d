// The pixel programs of sharpened, for a tensor: OpenCV's 8-bit blur in whole numbers, rows before columns, and the
// mix.
#pragma once

#include <cstdint>

#include "ops/blend/blend_pixels.hpp"
#include "ops/filter/gaussian_pixels.hpp"
#include "ops/filter/sharpen.hpp"
#include "ops/gpu/pixels.hpp"
#include "ops/tensor/tensor_pixels.hpp"

namespace facegraph::ops {

constexpr int kSharpenRadius = 6;

// Of a Gaussian of sigma 2, in 1/256.
FACEGRAPH_HD inline int sharpen_weight(int distance) {
  constexpr int kWeights[kSharpenRadius + 1] = {52, 45, 31, 16, 7, 2, 1};
  return kWeights[distance < 0 ? -distance : distance];
}

// rows: as many values as the picture has, in 1/256.
struct SharpenRows {
  std::uint16_t* rows;
  core::ConstImageView in;

  FACEGRAPH_HD void operator()(int x, int y) const {
    with_reflection(kSharpenRadius, in.width, [&](const auto& mirrored) {
      int sums[kTensorChannels] = {};
      for (int i = -kSharpenRadius; i <= kSharpenRadius; ++i) {
        const auto* pixel = pixel_at<std::uint8_t>(in, mirrored(x + i), y);
        for (int c = 0; c < kTensorChannels; ++c) {
          sums[c] += sharpen_weight(i) * pixel[c];
        }
      }
      for (int c = 0; c < kTensorChannels; ++c) {
        rows[(static_cast<std::ptrdiff_t>(y) * in.width + x) * kTensorChannels + c] =
            static_cast<std::uint16_t>(sums[c]);
      }
    });
  }
};

// What comes out goes into a tensor, as ToTensorPixels would put it there.
struct SharpenColumns {
  float* out;
  core::ConstImageView in;
  const std::uint16_t* rows;
  const ValueTable* table;
  ChannelOrder order;
  Layout layout;

  FACEGRAPH_HD void operator()(int x, int y) const {
    with_reflection(kSharpenRadius, in.height, [&](const auto& mirrored) {
      int sums[kTensorChannels] = {1 << 15, 1 << 15, 1 << 15};
      for (int i = -kSharpenRadius; i <= kSharpenRadius; ++i) {
        const std::uint16_t* row =
            rows + (static_cast<std::ptrdiff_t>(mirrored(y + i)) * in.width + x) * kTensorChannels;
        for (int c = 0; c < kTensorChannels; ++c) {
          sums[c] += sharpen_weight(i) * row[c];
        }
      }
      const auto* pixel = pixel_at<std::uint8_t>(in, x, y);
      for (int c = 0; c < kTensorChannels; ++c) {
        const int source = source_channel(c, order);
        out[tensor_index(in.width, in.height, x, y, c, layout)] =
            (*table)[c][mixed(pixel[source], sums[source] >> 16, -kSharpenAmount)];
      }
    });
  }
};

}  // namespace facegraph::ops
