// How much two boxes share, for both sides: OpenCV's cv::dnn::NMSBoxes arithmetic. spec: analysis.md 3.9
#pragma once

#include <algorithm>
#include <limits>

#include "core/base/host_device.hpp"
#include "core/types/face.hpp"

namespace facegraph::ops {

// Of two intervals (start, length) the common length, measured from the one that starts first.
FACEGRAPH_HD inline double common_length(double start_a, double length_a, double start_b, double length_b) {
  return start_a < start_b ? std::min(length_a - (start_b - start_a), length_b)
                           : std::min(length_b - (start_a - start_b), length_a);
}

// The reference's rounding steps: the distance in double, cast to float, subtracted in float.
FACEGRAPH_HD inline float suppress_overlap(const core::BoundingBox& a, const core::BoundingBox& b) {
  const double width_a = a.x2 - a.x1;
  const double height_a = a.y2 - a.y1;
  const double width_b = b.x2 - b.x1;
  const double height_b = b.y2 - b.y1;
  const double areas = width_a * height_a + width_b * height_b;
  if (areas <= std::numeric_limits<double>::epsilon()) {
    return 1;
  }
  const bool is_empty = width_a <= 0 || height_a <= 0 || width_b <= 0 || height_b <= 0;
  const double width = common_length(a.x1, width_a, b.x1, width_b);
  const double height = common_length(a.y1, height_a, b.y1, height_b);
  const double common = is_empty || width <= 0 || height <= 0 ? 0 : width * height;
  return 1.0F - static_cast<float>(1.0 - common / (areas - common));
}

}  // namespace facegraph::ops
