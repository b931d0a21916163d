// Affine transforms of points and boxes, for both sides. spec: analysis.md sections 3.2 - 3.6.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/base/float32.hpp"
#include "core/base/host_device.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/geometry/warp_formula.hpp"

namespace facegraph::ops {

FACEGRAPH_HD inline core::Affine invert(const core::Affine& matrix) {
  core::Affine inverse;
  invert(matrix.m.data(), inverse.m.data());
  return inverse;
}

// What applying `first`, then `second` comes to.
FACEGRAPH_HD inline core::Affine compose(const core::Affine& second, const core::Affine& first) {
  const auto& a = second.m;
  const auto& b = first.m;
  return {{a[0] * b[0] + a[1] * b[3], a[0] * b[1] + a[1] * b[4], a[0] * b[2] + a[1] * b[5] + a[2],
           a[3] * b[0] + a[4] * b[3], a[3] * b[1] + a[4] * b[4], a[3] * b[2] + a[4] * b[5] + a[5]}};
}

// Double arithmetic.
FACEGRAPH_HD inline core::Point transform(const core::Affine& matrix, core::Point point) {
  const auto& m = matrix.m;
  return {m[0] * point.x + m[1] * point.y + m[2], m[3] * point.x + m[4] * point.y + m[5]};
}

// The reference's float32 arithmetic for float32 points: the matrix is rounded to float32 first.
FACEGRAPH_HD inline core::Point transform_f32(const core::Affine& matrix, core::Point point) {
  float m[6];
  for (int i = 0; i < 6; ++i) {
    m[i] = static_cast<float>(matrix.m[i]);
  }
  const auto x = static_cast<float>(point.x);
  const auto y = static_cast<float>(point.y);
  return {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
}

// Carries the box to a picture of that size, each axis by its own scale; the corners are rounded to float32. False
// where a side of the box has no length or is not finite. analysis.md 3.3
FACEGRAPH_HD inline bool box_to_crop(const core::BoundingBox& box, core::Size size, core::Affine& matrix) {
  const double x1 = core::to_float32(box.x1);
  const double y1 = core::to_float32(box.y1);
  const double width = core::to_float32(box.x2) - x1;
  const double height = core::to_float32(box.y2) - y1;
  if (!std::isfinite(width) || !std::isfinite(height) || width == 0 || height == 0) {
    return false;
  }
  const double sx = size.width / width;
  const double sy = size.height / height;
  matrix = {{sx, 0, -x1 * sx, 0, sy, -y1 * sy}};
  return true;
}

// The four corners transformed, then minimum and maximum per axis.
FACEGRAPH_HD inline core::BoundingBox transform_box(const core::Affine& matrix, const core::BoundingBox& box) {
  const core::Point corners[4]{transform(matrix, {box.x1, box.y1}), transform(matrix, {box.x2, box.y1}),
                               transform(matrix, {box.x2, box.y2}), transform(matrix, {box.x1, box.y2})};
  core::BoundingBox out{corners[0].x, corners[0].y, corners[0].x, corners[0].y};
  for (const core::Point& corner : corners) {
    out = {std::min(out.x1, corner.x), std::min(out.y1, corner.y), std::max(out.x2, corner.x),
           std::max(out.y2, corner.y)};
  }
  return out;
}

}  // namespace facegraph::ops
