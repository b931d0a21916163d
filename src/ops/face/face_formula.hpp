// Computations on a face's boxes, landmarks and embeddings, for both sides. spec: analysis.md
// sections 3.4, 3.5, 3.8, 8.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/host_device.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

FACEGRAPH_HD inline core::BoundingBox normalise(const core::BoundingBox& box) {
  return {std::min(box.x1, box.x2), std::min(box.y1, box.y2), std::max(box.x1, box.x2), std::max(box.y1, box.y2)};
}

// The sum runs over the points in order, as numpy's over the first axis.
template <typename Real>
FACEGRAPH_HD core::Point mean_point(const core::Point* points, int count) {
  Real x = 0;
  Real y = 0;
  for (int i = 0; i < count; ++i) {
    x += static_cast<Real>(points[i].x);
    y += static_cast<Real>(points[i].y);
  }
  return {x / static_cast<Real>(count), y / static_cast<Real>(count)};
}

// float32: the points are float32 values and their means are taken in float32.
FACEGRAPH_HD inline core::Landmark5 five_of_sixty_eight(const core::Landmark68& landmark, bool float32) {
  constexpr int kLeftEye = 36;
  constexpr int kRightEye = 42;
  constexpr int kEyePoints = 6;
  constexpr int kNoseTip = 30;
  constexpr int kLeftMouthCorner = 48;
  constexpr int kRightMouthCorner = 54;
  const core::Point* left = landmark.data() + kLeftEye;
  const core::Point* right = landmark.data() + kRightEye;
  return {float32 ? mean_point<float>(left, kEyePoints) : mean_point<double>(left, kEyePoints),
          float32 ? mean_point<float>(right, kEyePoints) : mean_point<double>(right, kEyePoints), landmark[kNoseTip],
          landmark[kLeftMouthCorner], landmark[kRightMouthCorner]};
}

FACEGRAPH_HD inline core::Landmark5 scale_about_nose(const core::Landmark5& landmark, double factor) {
  const core::Point nose = landmark[2];
  core::Landmark5 out = landmark;
  for (core::Point& point : out) {
    point = {(point.x - nose.x) * factor + nose.x, (point.y - nose.y) * factor + nose.y};
  }
  return out;
}

// 0, 90, 180 or 270
FACEGRAPH_HD inline int face_angle(const core::Landmark68& landmark) {
  constexpr int kLastJawPoint = 16;
  const core::Point& first = landmark[0];
  const core::Point& last = landmark[kLastJawPoint];
  double theta = std::fmod(std::atan2(last.y - first.y, last.x - first.x) * (180 / std::numbers::pi), 360.0);
  if (theta < 0) {
    theta += 360;
  }
  int nearest = 0;
  for (int angle = 90; angle <= 360; angle += 90) {
    if (std::abs(angle - theta) < std::abs(nearest - theta)) {
      nearest = angle;
    }
  }
  return nearest % 360;
}

struct Anchor {
  int x = 0;
  int y = 0;
};
// Of an input of that size, per_cell rows to every stride x stride cell. The reference's order, a row-major grid for
// square sizes: the outer index runs over the width and becomes y.
FACEGRAPH_HD inline int anchor_rows(int stride, int per_cell, core::Size size) {
  return (size.width / stride) * (size.height / stride) * per_cell;
}
FACEGRAPH_HD inline Anchor anchor_at(int row, int stride, int per_cell, core::Size size) {
  const int cell = row / per_cell;
  const int inner = size.height / stride;
  return {cell % inner * stride, cell / inner * stride};
}

FACEGRAPH_HD inline float dot(const core::Embedding& a, const core::Embedding& b) {
  double sum = 0;
  for (int i = 0; i < core::kEmbeddingSize; ++i) {
    sum += static_cast<double>(a[i]) * b[i];
  }
  return static_cast<float>(sum);
}

// float32 arithmetic, as numpy.linalg.norm
FACEGRAPH_HD inline float l2_norm(const core::Embedding& embedding) {
  return std::sqrt(dot(embedding, embedding));
}

}  // namespace facegraph::ops
