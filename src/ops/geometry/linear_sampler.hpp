// cv::resize's linear interpolation at one output pixel, for kernels. Whatever gives pixels serves as its input: a
// picture, or what is computed from one.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// Two neighbours on one axis and how far the result lies towards the second.
struct LinearTaps {
  int first;
  int second;
  float fraction;
};

// OpenCV's rounding: not in_side / out_side.
FACEGRAPH_HD inline double linear_scale(int in_side, int out_side) {
  return 1 / (static_cast<double>(out_side) / in_side);
}

// OpenCV cuts the fraction at the picture's left and right side, but not at its top and bottom.
FACEGRAPH_HD inline LinearTaps linear_taps_at(int index, float fraction, int in_side, bool is_row) {
  const bool is_beyond = index < 0 || index >= in_side - 1;
  return {clamp_index(index, in_side), clamp_index(index + 1, in_side), is_beyond && !is_row ? 0 : fraction};
}
FACEGRAPH_HD inline LinearTaps linear_taps(int position, double scale, int in_side, bool is_row) {
  const auto exact = static_cast<float>((position + 0.5) * scale - 0.5);
  const int index = static_cast<int>(floorf(exact));
  return linear_taps_at(index, exact - static_cast<float>(index), in_side, is_row);
}

// The value at (x, y) of the input resized from one size to another. read(x, y): the input's value there.
// A picture of just twice the result's size is averaged, one of the result's size copied, as OpenCV does.
struct LinearSampler {
  LinearTaps x;
  LinearTaps y;
  bool is_half;
  bool is_copy;

  FACEGRAPH_HD LinearSampler(int out_x, int out_y, core::Size in, core::Size out)
      : x(linear_taps(out_x, linear_scale(in.width, out.width), in.width, false)),
        y(linear_taps(out_y, linear_scale(in.height, out.height), in.height, true)),
        is_half(in.width == 2 * out.width && in.height == 2 * out.height),
        is_copy(in.width == out.width && in.height == out.height) {}
  // Of a picture that is neither just twice as large nor as large.
  FACEGRAPH_HD LinearSampler(const LinearTaps& x_taps, const LinearTaps& y_taps)
      : x(x_taps), y(y_taps), is_half(false), is_copy(false) {}

  // f32 or f64, as `read` gives. Equal to OpenCV's bit by bit, but for f32 averages of two by two pixels: within 2^-23
  // of the largest.
  template <typename Read>
  FACEGRAPH_HD auto at(const Read& read) const {
    using Real = decltype(read(0, 0) * 1.0F);
    const Real top_left = read(x.first, y.first);
    if (is_copy) {
      return top_left;
    }
    const Real top_right = read(x.second, y.first);
    const Real bottom_left = read(x.first, y.second);
    const Real bottom_right = read(x.second, y.second);
    if (is_half) {
      return ((top_left + top_right) + (bottom_left + bottom_right)) * 0.25F;
    }
    const Real top = top_left * (1 - x.fraction) + top_right * x.fraction;
    const Real bottom = bottom_left * (1 - x.fraction) + bottom_right * x.fraction;
    return top * (1 - y.fraction) + bottom * y.fraction;
  }

  // OpenCV's u8: weights in 1/2048, equal in every bit.
  template <typename Read>
  FACEGRAPH_HD std::uint8_t at_u8(const Read& read) const {
    const int top_left = read(x.first, y.first);
    const int top_right = read(x.second, y.first);
    const int bottom_left = read(x.first, y.second);
    const int bottom_right = read(x.second, y.second);
    if (is_half) {
      return static_cast<std::uint8_t>((top_left + top_right + bottom_left + bottom_right + 2) >> 2);
    }
    const auto weight = [](float share) { return static_cast<int>(rintf(share * 2048)); };
    const int top = top_left * weight(1 - x.fraction) + top_right * weight(x.fraction);
    const int bottom = bottom_left * weight(1 - x.fraction) + bottom_right * weight(x.fraction);
    return static_cast<std::uint8_t>(
        (((weight(1 - y.fraction) * (top >> 4)) >> 16) + ((weight(y.fraction) * (bottom >> 4)) >> 16) + 2) >> 2);
  }
};

}  // namespace facegraph::ops
