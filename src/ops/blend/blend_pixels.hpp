// The pixel program of blend.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// As cv::addWeighted computes it on processors with fused multiply-adds.
FACEGRAPH_HD inline std::uint8_t mixed(int below, int above, double share) {
  const float sum = fmaf(static_cast<float>(below), static_cast<float>(1 - share),
                         static_cast<float>(above) * static_cast<float>(share));
  const float rounded = rintf(sum);
  return static_cast<std::uint8_t>(static_cast<int>(rounded > 0 ? (rounded < 255 ? rounded : 255.0F) : 0.0F));
}

struct BlendPixels {
  core::ImageView out;
  core::ConstImageView below;
  core::ConstImageView above;
  double share;

  FACEGRAPH_HD void operator()(int x, int y) const {
    for (int c = 0; c < out.channels; ++c) {
      pixel_at<std::uint8_t>(out, x, y)[c] =
          mixed(pixel_at<std::uint8_t>(below, x, y)[c], pixel_at<std::uint8_t>(above, x, y)[c], share);
    }
  }
};

}  // namespace facegraph::ops
