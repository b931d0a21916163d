// The pixel programs of sharpened: OpenCV's 8-bit blur in whole numbers, rows before columns, and the mix.
#pragma once

#include <cstdint>

#include "ops/blend/blend_pixels.hpp"
#include "ops/filter/gaussian_pixels.hpp"
#include "ops/filter/sharpen.hpp"
#include "ops/gpu/pixels.hpp"

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
    for (int c = 0; c < in.channels; ++c) {
      int sum = 0;
      for (int i = -kSharpenRadius; i <= kSharpenRadius; ++i) {
        sum += sharpen_weight(i) * pixel_at<std::uint8_t>(in, reflect_index(x + i, in.width), y)[c];
      }
      rows[(static_cast<std::ptrdiff_t>(y) * in.width + x) * in.channels + c] = static_cast<std::uint16_t>(sum);
    }
  }
};

struct SharpenColumns {
  core::ImageView out;
  core::ConstImageView in;
  const std::uint16_t* rows;

  FACEGRAPH_HD void operator()(int x, int y) const {
    for (int c = 0; c < in.channels; ++c) {
      int sum = 1 << 15;
      for (int i = -kSharpenRadius; i <= kSharpenRadius; ++i) {
        const std::ptrdiff_t row = reflect_index(y + i, in.height);
        sum += sharpen_weight(i) * rows[(row * in.width + x) * in.channels + c];
      }
      pixel_at<std::uint8_t>(out, x, y)[c] = mixed(pixel_at<std::uint8_t>(in, x, y)[c], sum >> 16, -kSharpenAmount);
    }
  }
};

}  // namespace facegraph::ops
