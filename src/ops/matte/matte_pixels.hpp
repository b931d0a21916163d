// The pixel programs of mattes.
#pragma once

#include "ops/geometry/linear_sampler.hpp"
#include "ops/gpu/pixels.hpp"
#include "ops/matte/matte_formula.hpp"

namespace facegraph::ops {

struct MattePixels {
  core::ImageView out;
  const float* in;

  FACEGRAPH_HD void operator()(int x, int y) const {
    *pixel_at<std::uint8_t>(out, x, y) = matte_to_byte(in[static_cast<std::ptrdiff_t>(y) * out.width + x]);
  }
};

struct ClassPixels {
  core::ImageView out;
  const float* in;
  int classes;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const auto plane = static_cast<std::ptrdiff_t>(out.width) * out.height;
    const float* score = in + static_cast<std::ptrdiff_t>(y) * out.width + x;
    bool is_foreground = false;
    for (int i = 1; i < classes; ++i) {
      is_foreground = is_foreground || score[i * plane] > score[0];
    }
    *pixel_at<std::uint8_t>(out, x, y) = is_foreground ? 255 : 0;
  }
};

// Over the hint.
struct HintPixels {
  float* out;
  core::Size size;
  core::ConstImageView frame;

  FACEGRAPH_HD float hint_at(int x, int y) const {
    const auto* pixel = pixel_at<std::uint8_t>(frame, x, y);
    const int other = pixel[0] < pixel[2] ? pixel[2] : pixel[0];
    return hint_of(static_cast<float>(pixel[1]) / 255, static_cast<float>(other) / 255);
  }

  FACEGRAPH_HD void operator()(int x, int y) const {
    const float value =
        LinearSampler(x, y, {frame.width, frame.height}, size).at([this](int i, int j) { return hint_at(i, j); });
    out[static_cast<std::ptrdiff_t>(y) * size.width + x] = value;
  }
};

struct DespillPixels {
  core::ImageView frame;
  Light light;

  FACEGRAPH_HD void operator()(int x, int y) const { despill_pixel(pixel_at<std::uint8_t>(frame, x, y), light); }
};

struct FillPixels {
  core::ImageView frame;
  core::ConstImageView mask;
  Rgba colour;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const float share = fill_share(*pixel_at<std::uint8_t>(mask, x, y), colour.alpha);
    auto* pixel = pixel_at<std::uint8_t>(frame, x, y);
    pixel[0] = filled(pixel[0], static_cast<float>(colour.blue), share);
    pixel[1] = filled(pixel[1], static_cast<float>(colour.green), share);
    pixel[2] = filled(pixel[2], static_cast<float>(colour.red), share);
  }
};

struct IntersectPixels {
  core::ImageView mask;
  core::ConstImageView other;

  FACEGRAPH_HD void operator()(int x, int y) const {
    auto* value = pixel_at<std::uint8_t>(mask, x, y);
    const std::uint8_t limit = *pixel_at<std::uint8_t>(other, x, y);
    *value = limit < *value ? limit : *value;
  }
};

}  // namespace facegraph::ops
