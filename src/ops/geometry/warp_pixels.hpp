// The pixel program of warp_affine.
#pragma once

#include <array>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/geometry/warp_formula.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// What undoes a matrix. Where the host knows the matrix, it goes with the kernel's arguments.
struct WarpInverse {
  std::array<double, 6> values{};
  const core::Affine* matrix = nullptr;  // in the GPU's memory; null: `values` are there

  explicit WarpInverse(const core::Affine& known) { invert(known.m.data(), values.data()); }
  explicit WarpInverse(const core::Affine* on_gpu) : matrix(on_gpu) {}

  FACEGRAPH_HD std::array<double, 6> get() const {
    std::array<double, 6> inverse = values;
    if (matrix != nullptr) {
      invert(matrix->m.data(), inverse.data());
    }
    return inverse;
  }
};

// A picture seen through a matrix, at one output pixel. T: uint8_t, float or double, the picture's depth.
template <typename T>
struct WarpSampler {
  core::ConstImageView in;
  WarpInverse matrix;  // of `in` to the output
  Border border;

  struct Taps {
    TapPosition x;
    TapPosition y;
  };

  FACEGRAPH_HD Taps locate(int x, int y) const {
    const std::array<double, 6> inverse = matrix.get();
    if constexpr (sizeof(T) == sizeof(double)) {
      return {fixed_tap_position(x, inverse[0], fixed_row_offset(inverse[1] * y + inverse[2]), in.width),
              fixed_tap_position(x, inverse[3], fixed_row_offset(inverse[4] * y + inverse[5]), in.height)};
    } else {
      const auto offset = [y](double slope, double start) {
        return static_cast<float>(y) * static_cast<float>(slope) + static_cast<float>(start);
      };
      return {tap_position(x, static_cast<float>(inverse[0]), offset(inverse[1], inverse[2]), in.width),
              tap_position(x, static_cast<float>(inverse[3]), offset(inverse[4], inverse[5]), in.height)};
    }
  }

  FACEGRAPH_HD T tap(int x, int y, int channel) const {
    const bool outside = x < 0 || y < 0 || x >= in.width || y >= in.height;
    if (outside && border == Border::kConstant) {
      return T{0};
    }
    return pixel_at<T>(in, clamp_index(x, in.width), clamp_index(y, in.height))[channel];
  }

  FACEGRAPH_HD T at(const Taps& taps, int channel) const {
    const int x = taps.x.index;
    const int y = taps.y.index;
    using Real = decltype(T{} * 1.0F);
    const Real value = bilinear(static_cast<Real>(tap(x, y, channel)), static_cast<Real>(tap(x + 1, y, channel)),
                                static_cast<Real>(tap(x, y + 1, channel)),
                                static_cast<Real>(tap(x + 1, y + 1, channel)), taps.x.fraction, taps.y.fraction);
    if constexpr (sizeof(T) == 1) {
      return static_cast<T>(round_half_even(value));
    } else {
      return value;
    }
  }
};

template <typename T>
struct WarpPixels {
  core::ImageView out;
  WarpSampler<T> sampler;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const auto taps = sampler.locate(x, y);
    T* pixel = pixel_at<T>(out, x, y);
    for (int c = 0; c < out.channels; ++c) {
      pixel[c] = sampler.at(taps, c);
    }
  }
};

}  // namespace facegraph::ops
