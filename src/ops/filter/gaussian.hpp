// cv::GaussianBlur's kernel for float pictures.
#pragma once

#include <array>

namespace facegraph::ops {

// Symmetric: weights[i] is that of the pixels `i` beside the middle.
struct GaussianKernel {
  static constexpr int kMaximumRadius = 31;

  int radius = 0;
  std::array<float, kMaximumRadius + 1> weights{};
};

// Throws Error(kFailed) for a sigma above 7.5, whose kernel is wider.
GaussianKernel gaussian_kernel(double sigma);

}  // namespace facegraph::ops
