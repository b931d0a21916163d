// The pixel programs of alpha and of YUV.
#pragma once

#include "ops/colour/yuv.hpp"
#include "ops/gpu/counters.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

struct FirstThreePixels {
  core::ImageView out;
  core::ConstImageView frame;

  FACEGRAPH_HD void operator()(int x, int y) const {
    for (int c = 0; c < 3; ++c) {
      pixel_at<std::uint8_t>(out, x, y)[c] = pixel_at<std::uint8_t>(frame, x, y)[c];
    }
  }
};

struct AlphaPixels {
  core::ImageView out;
  core::ConstImageView frame;

  FACEGRAPH_HD void operator()(int x, int y) const {
    *pixel_at<std::uint8_t>(out, x, y) = frame.channels == 4 ? pixel_at<std::uint8_t>(frame, x, y)[3] : 255;
  }
};

struct SetOpaque {
  int* is_opaque;

  FACEGRAPH_HD void operator()(int /*x*/, int /*y*/) const { *is_opaque = 1; }
};

struct MergeAlphaPixels {
  core::ImageView out;
  core::ConstImageView frame;
  core::ConstImageView mask;
  int* is_opaque;

  FACEGRAPH_HD void operator()(int x, int y) const {
    auto* to = pixel_at<std::uint8_t>(out, x, y);
    for (int c = 0; c < 3; ++c) {
      to[c] = pixel_at<std::uint8_t>(frame, x, y)[c];
    }
    to[3] = *pixel_at<std::uint8_t>(mask, x, y);
    if (to[3] != 255) {
      lower_to(*is_opaque, 0);
    }
  }
};

// Over the chroma planes. step: values from a u to the next.
struct YuvPixels {
  core::ImageView y_plane;
  std::byte* u;
  std::byte* v;
  std::ptrdiff_t u_stride;
  std::ptrdiff_t v_stride;
  int step;
  core::ConstImageView bgr;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const std::uint8_t* pixels[4];
    for (int i = 0; i < 4; ++i) {
      pixels[i] = pixel_at<std::uint8_t>(bgr, 2 * x + (i & 1), 2 * y + (i >> 1));
      *pixel_at<std::uint8_t>(y_plane, 2 * x + (i & 1), 2 * y + (i >> 1)) =
          luma_709(pixels[i][0], pixels[i][1], pixels[i][2]);
    }
    const auto mean = [&](int c) { return mean_of_four(pixels[0][c], pixels[1][c], pixels[2][c], pixels[3][c]); };
    const std::int32_t b = mean(0);
    const std::int32_t g = mean(1);
    const std::int32_t r = mean(2);
    const YuvCoefficients cb = kCb709;
    const YuvCoefficients cr = kCr709;
    u[y * u_stride + static_cast<std::ptrdiff_t>(x) * step] = static_cast<std::byte>(chroma_709(cb, b, g, r));
    v[y * v_stride + static_cast<std::ptrdiff_t>(x) * step] = static_cast<std::byte>(chroma_709(cr, b, g, r));
  }
};

}  // namespace facegraph::ops
