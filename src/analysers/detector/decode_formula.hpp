// What one row of a detector's raw outputs means, for both sides. spec: analysis.md 4.3 - 4.5
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "analysers/shared/candidate.hpp"
#include "core/base/host_device.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/face/face_formula.hpp"
#include "ops/geometry/affine_formula.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

// Each family's outputs: `count` rows, which of them pass, and a row's candidate in the coordinates of the frame with
// its margins.

// retinaface and scrfd, one stride: distances from the anchor.
struct AnchorRows {
  static constexpr int kPerCell = 2;
  const float* scores = nullptr;
  const float* boxes = nullptr;   // left, top, right, bottom
  const float* points = nullptr;  // 5 x (x, y)
  int count = 0;
  int stride = 0;
  core::Size input;

  FACEGRAPH_HD bool passes(int row, float threshold) const { return scores[row] >= threshold; }

  FACEGRAPH_HD Candidate candidate(int row, const ops::LetterboxRatio& ratio) const {
    const ops::Anchor anchor = ops::anchor_at(row, stride, kPerCell, input);
    const auto x = static_cast<double>(anchor.x);
    const auto y = static_cast<double>(anchor.y);
    const auto step = static_cast<float>(stride);
    const float* box = boxes + static_cast<std::ptrdiff_t>(row) * 4;
    const float* point = points + static_cast<std::ptrdiff_t>(row) * 10;
    Candidate found;
    found.box = {(x - box[0] * step) * ratio.x, (y - box[1] * step) * ratio.y, (x + box[2] * step) * ratio.x,
                 (y + box[3] * step) * ratio.y};
    for (int j = 0; j < 5; ++j) {
      found.points[j] = {(x + point[2 * j] * step) * ratio.x, (y + point[2 * j + 1] * step) * ratio.y};
    }
    found.score = scores[row];
    return found;
  }
};

// yolo_face: planes of centre, size, score and 5 x (x, y, visibility); all in float32.
struct YoloRows {
  static constexpr int kPlanes = 20;
  const float* values = nullptr;
  int count = 0;

  FACEGRAPH_HD float at(int plane, int row) const { return values[static_cast<std::ptrdiff_t>(plane) * count + row]; }

  FACEGRAPH_HD bool passes(int row, float threshold) const { return at(4, row) > threshold; }

  FACEGRAPH_HD Candidate candidate(int row, const ops::LetterboxRatio& ratio) const {
    const auto rx = static_cast<float>(ratio.x);
    const auto ry = static_cast<float>(ratio.y);
    const float half_width = at(2, row) / 2;
    const float half_height = at(3, row) / 2;
    Candidate found;
    found.box = {(at(0, row) - half_width) * rx, (at(1, row) - half_height) * ry, (at(0, row) + half_width) * rx,
                 (at(1, row) + half_height) * ry};
    for (int j = 0; j < 5; ++j) {
      found.points[j] = {at(5 + 3 * j, row) * rx, at(6 + 3 * j, row) * ry};
    }
    found.score = at(4, row);
    return found;
  }
};

// yunet, one stride. The score is the plain product (quirk Q5).
struct YunetRows {
  static constexpr int kPerCell = 1;
  const float* classes = nullptr;
  const float* objects = nullptr;
  const float* boxes = nullptr;   // centre, logarithms of the size
  const float* points = nullptr;  // 5 x (x, y)
  int count = 0;
  int stride = 0;
  core::Size input;

  FACEGRAPH_HD bool passes(int row, float threshold) const { return classes[row] * objects[row] >= threshold; }

  FACEGRAPH_HD Candidate candidate(int row, const ops::LetterboxRatio& ratio) const {
    const ops::Anchor anchor = ops::anchor_at(row, stride, kPerCell, input);
    const auto x = static_cast<double>(anchor.x);
    const auto y = static_cast<double>(anchor.y);
    const auto step = static_cast<float>(stride);
    const float* box = boxes + static_cast<std::ptrdiff_t>(row) * 4;
    const float* point = points + static_cast<std::ptrdiff_t>(row) * 10;
    const double cx = box[0] * step + x;
    const double cy = box[1] * step + y;
    const double half_width = std::exp(box[2]) * step / 2;
    const double half_height = std::exp(box[3]) * step / 2;
    Candidate found;
    found.box = {(cx - half_width) * ratio.x, (cy - half_height) * ratio.y, (cx + half_width) * ratio.x,
                 (cy + half_height) * ratio.y};
    for (int j = 0; j < 5; ++j) {
      found.points[j] = {(point[2 * j] * step + x) * ratio.x, (point[2 * j + 1] * step + y) * ratio.y};
    }
    found.score = classes[row] * objects[row];
    return found;
  }
};

// The sets of rows that a network gives, one per stride; yolo_face gives one.
using AnchorSets = std::array<AnchorRows, 3>;
using YoloSets = std::array<YoloRows, 1>;
using YunetSets = std::array<YunetRows, 3>;

// Where a detector's input came from: the margins to take off, and for a turned frame the way back.
struct FramePlace {
  double left = 0;
  double top = 0;
  bool is_turned = false;
  core::Affine back = {};
};

FACEGRAPH_HD inline core::BoundingBox without_margin(const core::BoundingBox& box, double left, double top) {
  const core::BoundingBox upright = ops::normalise(box);
  return {upright.x1 - left, upright.y1 - top, upright.x2 - left, upright.y2 - top};
}

// To the frame's coordinates.
FACEGRAPH_HD inline void to_frame(Candidate& candidate, const FramePlace& place) {
  candidate.box = without_margin(candidate.box, place.left, place.top);
  for (core::Point& point : candidate.points) {
    point = {point.x - place.left, point.y - place.top};
  }
  if (place.is_turned) {
    candidate.box = ops::transform_box(place.back, candidate.box);
    for (core::Point& point : candidate.points) {
      point = ops::transform(place.back, point);
    }
  }
}

}  // namespace facegraph::analysers
