// For tests of masks.
#pragma once

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {

// Values from `low` to low + 2, the same every time.
inline core::Image noisy_mask(core::Size size, float low, unsigned seed = 7) {
  core::Image mask = noise(size, 1, core::Depth::kF32, seed);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      mask.row<float>(y)[x] = mask.row<float>(y)[x] / 127.5F + low;
    }
  }
  return mask;
}

// Without AVX2 and FMA, OpenCV sums a blur in another order.
inline double blur_tolerance() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 0 : 2e-6;
}

}  // namespace facegraph::ops
