// Computations on boxes, landmarks and embeddings without a model. spec: analysis.md sections 3.4, 3.5, 3.7 - 3.9,
// 7, 8.
#pragma once

#include <span>
#include <vector>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/face/face_formula.hpp"

namespace facegraph::ops {

// normalise, five_of_sixty_eight, scale_about_nose, face_angle, anchor_at, dot, l2_norm: face_formula.hpp.
core::BoundingBox bounding_box_of(const core::Landmark68& landmark);
double box_overlap(const core::BoundingBox& a, const core::BoundingBox& b);  // IoU, 0 when the union is empty

// Indices of the kept boxes, descending score; candidates have score > score_threshold. OpenCV's cv::dnn::NMSBoxes
// arithmetic.
std::vector<int> suppress(std::span<const core::BoundingBox> boxes, std::span<const float> scores,
                          float score_threshold, float nms_threshold);
// By detector model and number of configured angles: analysis.md 3.9.
float nms_threshold(bool many_models, std::size_t angle_count);

core::Embedding normalised(const core::Embedding& embedding);
double face_distance(const core::Face& a, const core::Face& b);  // 0..1

// Boxes and all four landmark entries times (sx, sy); everything else stays. analysis.md 7.6
core::Face scale_face(const core::Face& face, double sx, double sy);
// analysis.md 7.4: identity average; no value semantics for an empty list: the caller checks.
core::Face average_identity(std::span<const core::Face> faces);
// A face between two: box and landmarks first * (1 - share) + second * share, the angle estimated again, all else from
// the nearer one (the second at 0.5), origin kRefill. analysis.md 7.4
core::Face average_geometry(const core::Face& first, const core::Face& second, double share);

}  // namespace facegraph::ops
