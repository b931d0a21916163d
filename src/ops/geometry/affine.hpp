// Similarity and affine transforms. spec: analysis.md sections 3.2 - 3.6.
#pragma once

#include <optional>
#include <span>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/geometry/affine_formula.hpp"

namespace facegraph::ops {

// The warp templates: five normalised points each, multiplied by the crop size.
enum class WarpTemplate {
  kArcface112V1,
  kArcface112V2,
  kArcface128,
  kDflWholeFace,
  kFfhq512,
  kMtcnn512,
  kStyleganex384,
};
const core::Landmark5& warp_template(WarpTemplate name);
const char* warp_template_name(WarpTemplate name);  // "arcface_112_v2"

// Similarity from five points to template * size: RANSAC with the reference's generator and threshold (100 px), then
// the closed form over the inliers. No value for degenerate input: all points equal, or one of them not finite.
std::optional<core::Affine> estimate_similarity(const core::Landmark5& points, WarpTemplate name, core::Size size);

// The points of the template at that size, rounded to float32.
core::Landmark5 similarity_target(WarpTemplate name, core::Size size);

// invert, compose, transform, transform_box: affine_formula.hpp. These are its transforms of lists.
void transform_points(const core::Affine& matrix, std::span<core::Point> points);
void transform_points_f32(const core::Affine& matrix, std::span<core::Point> points);

// No value where affine_formula.hpp's box_to_crop is false.
std::optional<core::Affine> box_to_crop(const core::BoundingBox& box, core::Size size);

// Counter-clockwise turn by `angle` degrees about the picture's centre into a picture of `size`; cos(90) is not exactly
// 0 and the turned picture is shifted by one pixel, as in the reference (quirk Q6).
struct Rotation {
  core::Affine matrix;
  core::Size size;
};
Rotation rotation(int angle, core::Size size);

// scale about the origin, then shift
core::Affine translation(double scale, double tx, double ty);

}  // namespace facegraph::ops
