// The mathematics of LivePortrait: where a face's 21 points lie for a pose and an expression.
// spec: portrait-frame-processors.md 3.3 - 3.6, 4.6
#pragma once

#include <array>

#include "core/types/face.hpp"

namespace facegraph::ops {

constexpr int kPortraitPoints = 21;
// x, y, z of each point, or of what its expression adds; float32, in the networks' own units.
using PortraitPoints = std::array<std::array<float, 3>, kPortraitPoints>;

// Degrees.
struct HeadAngles {
  float pitch = 0;
  float yaw = 0;
  float roll = 0;
};

// What the motion extractor tells of a face.
struct PortraitMotion {
  HeadAngles angles;
  float scale = 1;
  std::array<float, 3> translation{};
  PortraitPoints expression{};
  PortraitPoints points{};  // looking straight ahead, without an expression
};

// Row-major; a point is a column: x' = R x.
using HeadRotation = std::array<std::array<float, 3>, 3>;
// About x by pitch, then y by yaw, then z by roll, in double, rounded to float32.
HeadRotation head_rotation(const HeadAngles& angles);

// scale * (rotation * point + expression) + translation, each step rounded to float32.
PortraitPoints portrait_points(const PortraitMotion& motion, const HeadRotation& rotation,
                               const PortraitPoints& expression);

// Clamps every value to what faces do.
void limit_expression(PortraitPoints& expression);

// Clamps edited angles to those that look right; where the original lies beyond them on its own side, it is the limit.
HeadAngles limit_angles(const HeadAngles& edited, const HeadAngles& original);

// Height over width of what is open. The eyes' ratios use the reference's point pairs, not the vertical opposites.
double left_eye_ratio(const core::Landmark68& landmark);
double right_eye_ratio(const core::Landmark68& landmark);
double lip_ratio(const core::Landmark68& landmark);

}  // namespace facegraph::ops
