// The pixel programs of alpha and of YUV.
#pragma once

#include "ops/colour/yuv.hpp"
#include "ops/colour/yuv_formula.hpp"
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

// Over the planes of chroma.
struct YuvPixels {
  YuvPlanes out;
  core::ConstImageView bgr;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const bool plain = is_plain_row(y, out.u.height);
    const std::uint8_t* pixels[4];
    for (int i = 0; i < 4; ++i) {
      pixels[i] = pixel_at<std::uint8_t>(bgr, 2 * x + (i & 1), 2 * y + (i >> 1));
      *pixel_at<std::uint8_t>(out.y, 2 * x + (i & 1), 2 * y + (i >> 1)) =
          luma_709(plain, pixels[i][0], pixels[i][1], pixels[i][2]);
    }
    std::int32_t bgr_of_four[3];
    for (int c = 0; c < 3; ++c) {
      bgr_of_four[c] = value_for_chroma(plain, pixels[0][c], pixels[1][c], pixels[2][c], pixels[3][c]);
    }
    const YuvCoefficients cb = kCb709;
    const YuvCoefficients cr = kCr709;
    *pixel_at<std::uint8_t>(out.u, x, y) = chroma_709(plain, cb, bgr_of_four[0], bgr_of_four[1], bgr_of_four[2]);
    *pixel_at<std::uint8_t>(out.v, x, y) = chroma_709(plain, cr, bgr_of_four[0], bgr_of_four[1], bgr_of_four[2]);
  }
};

}  // namespace facegraph::ops
