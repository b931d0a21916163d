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

// read(x, y): the plane's value there.
template <typename Read>
FACEGRAPH_HD float blurred_in_row(const GaussianKernel& kernel, int width, int x, int y, const Read& read) {
  float sum = kernel.weights[kernel.radius] * read(reflect_index(x - kernel.radius, width), y);
  for (int i = 1 - kernel.radius; i <= kernel.radius; ++i) {
    sum = fmaf(read(reflect_index(x + i, width), y), kernel.weights[i < 0 ? -i : i], sum);
  }
  return sum;
}

FACEGRAPH_HD inline float blurred_in_column(const GaussianKernel& kernel, const core::ConstImageView& rows, int x,
                                            int y) {
  float sum = kernel.weights[0] * *pixel_at<float>(rows, x, y);
  for (int i = 1; i <= kernel.radius; ++i) {
    const float below = *pixel_at<float>(rows, x, reflect_index(y + i, rows.height));
    const float above = *pixel_at<float>(rows, x, reflect_index(y - i, rows.height));
    sum = fmaf(below + above, kernel.weights[i], sum);
  }
  return sum;
}

}  // namespace facegraph::ops
