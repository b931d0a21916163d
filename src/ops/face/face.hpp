// Computations on boxes, landmarks and embeddings without a model. spec: analysis.md sections 3.4, 3.5, 3.7 - 3.9,
// 7, 8.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

core::BoundingBox normalise(const core::BoundingBox& box);
core::BoundingBox bounding_box_of(const core::Landmark68& landmark);
double box_overlap(const core::BoundingBox& a, const core::BoundingBox& b);  // IoU, 0 when the union is empty

// float32: the points are float32 values and their means are taken in float32.
core::Landmark5 five_of_sixty_eight(const core::Landmark68& landmark, bool float32);
core::Landmark5 scale_about_nose(const core::Landmark5& landmark, double factor);
int face_angle(const core::Landmark68& landmark);  // 0, 90, 180 or 270

// Rows (x, y) for stride and anchors per cell, x fastest.
struct Anchor {
  std::int64_t x = 0;
  std::int64_t y = 0;
};
std::vector<Anchor> anchors(int stride, int per_cell, core::Size size);

// Indices of the kept boxes, descending score; candidates have score > score_threshold. OpenCV's cv::dnn::NMSBoxes
// arithmetic.
std::vector<int> suppress(std::span<const core::BoundingBox> boxes, std::span<const float> scores,
                          float score_threshold, float nms_threshold);
// By detector model and number of configured angles: analysis.md 3.9.
float nms_threshold(bool many_models, std::size_t angle_count);

double l2_norm(const core::Embedding& embedding);  // float32 arithmetic, as numpy.linalg.norm
core::Embedding normalised(const core::Embedding& embedding);
float dot(const core::Embedding& a, const core::Embedding& b);
double face_distance(const core::Face& a, const core::Face& b);  // 0..1

// Boxes and all four landmark entries times (sx, sy); everything else stays. analysis.md 7.6
core::Face scale_face(const core::Face& face, double sx, double sy);
// analysis.md 7.4: identity average; no value semantics for an empty list: the caller checks.
core::Face average_identity(std::span<const core::Face> faces);
// A face between two: box and landmarks first * (1 - share) + second * share, the angle estimated again, all else from
// the nearer one (the second at 0.5), origin kRefill. analysis.md 7.4
core::Face average_geometry(const core::Face& first, const core::Face& second, double share);

}  // namespace facegraph::ops
