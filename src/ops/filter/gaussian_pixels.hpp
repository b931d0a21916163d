// cv::GaussianBlur of float planes in two pixel programs, rows before columns. Products are added with fused
// multiply-adds, as OpenCV does where the processor has them.
#pragma once

#include <cmath>

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"
#include "ops/filter/gaussian.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// OpenCV's default border: a mirror in the middle of the outermost pixel.
FACEGRAPH_HD inline int reflect_index(int index, int count) {
  if (count == 1) {
    return 0;
  }
  while (index < 0 || index >= count) {
    index = index < 0 ? -index : 2 * count - 2 - index;
  }
  return index;
}

// body(mirrored), with a reflect_index for indices that reach at most `reach` beyond a side. Within one picture's width
// that is a single reflection, without the loop that keeps a compiler from unrolling the body's.
template <typename Body>
FACEGRAPH_HD auto with_reflection(int reach, int count, const Body& body) {
  if (reach < count) {
    return body([count](int index) {
      const int positive = index < 0 ? -index : index;
      return positive < count ? positive : 2 * count - 2 - positive;
    });
  }
  return body([count](int index) { return reflect_index(index, count); });
}

// read(x, y): the plane's value there.
template <typename Read>
FACEGRAPH_HD float blurred_in_row(const GaussianKernel& kernel, int width, int x, int y, const Read& read) {
  return with_reflection(kernel.radius, width, [&](const auto& mirrored) {
    float sum = kernel.weights[kernel.radius] * read(mirrored(x - kernel.radius), y);
    for (int i = 1 - kernel.radius; i <= kernel.radius; ++i) {
      sum = fmaf(read(mirrored(x + i), y), kernel.weights[i < 0 ? -i : i], sum);
    }
    return sum;
  });
}

FACEGRAPH_HD inline float blurred_in_column(const GaussianKernel& kernel, const core::ConstImageView& rows, int x,
                                            int y) {
  return with_reflection(kernel.radius, rows.height, [&](const auto& mirrored) {
    float sum = kernel.weights[0] * *pixel_at<float>(rows, x, y);
    for (int i = 1; i <= kernel.radius; ++i) {
      const float below = *pixel_at<float>(rows, x, mirrored(y + i));
      const float above = *pixel_at<float>(rows, x, mirrored(y - i));
      sum = fmaf(below + above, kernel.weights[i], sum);
    }
    return sum;
  });
}

}  // namespace facegraph::ops
