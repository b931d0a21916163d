#include "ops/face/portrait.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace facegraph::ops {

namespace {

constexpr int kAxes = 3;

struct ExpressionRange {
  std::array<float, kAxes> low;
  std::array<float, kAxes> high;
};

// spec: portrait-frame-processors.md 3.5
constexpr std::array<ExpressionRange, kPortraitPoints> kExpressionRanges{{
    {{-2.88067125e-02F, -8.12731311e-02F, -1.70541159e-03F}, {4.46682945e-02F, 7.08772913e-02F, 4.08344204e-04F}},
    {{-4.88598682e-02F, -3.32196616e-02F, -1.67431499e-04F}, {2.14308221e-02F, 6.15894832e-02F, 4.85319615e-05F}},
    {{-6.75425082e-02F, -4.28681746e-02F, -1.98950816e-04F}, {3.02363783e-02F, 4.45043296e-02F, 1.28298725e-05F}},
    {{-7.23103955e-02F, -3.28503326e-02F, -7.31324719e-04F}, {3.05869691e-02F, 3.79812494e-02F, 6.57040102e-04F}},
    {{-3.87073644e-02F, -6.01546466e-02F, -5.50269964e-04F}, {4.45670523e-02F, 3.97259220e-02F, 7.10966764e-04F}},
    {{-6.38048723e-02F, -2.23840728e-01F, -7.13261834e-04F}, {9.43699256e-02F, 9.85926315e-02F, 2.02551950e-04F}},
    {{-3.02710701e-02F, -3.93195450e-02F, -8.24086510e-06F}, {1.61131397e-02F, 2.92906128e-02F, 3.44733417e-06F}},
    {{-2.95799859e-02F, -5.39318882e-02F, -1.74219604e-04F}, {5.23825921e-02F, 1.07065082e-01F, 6.61510974e-04F}},
    {{-2.92359516e-02F, -1.53050944e-02F, -6.30460854e-05F}, {2.85718683e-03F, 8.32320191e-03F, 2.39314613e-04F}},
    {{-5.56493877e-03F, -2.34344602e-02F, -1.26858242e-04F}, {2.57947259e-02F, 1.60935968e-02F, 2.41853559e-05F}},
    {{-4.37593013e-02F, -2.77768299e-02F, -2.70503685e-02F}, {4.90833223e-02F, 3.43903080e-02F, 3.22353356e-02F}},
    {{-1.76926646e-02F, -1.91676542e-02F, -1.15090821e-04F}, {1.44766076e-02F, 3.39248963e-02F, 1.42291479e-04F}},
    {{-8.34268332e-03F, -3.99775570e-03F, -3.27481248e-05F}, {8.75749043e-04F, 6.82212645e-03F, 2.76097053e-05F}},
    {{-3.40162888e-02F, -2.81868968e-02F, -1.96679524e-04F}, {1.86958015e-02F, 3.84016186e-02F, 7.33085908e-05F}},
    {{-2.91855410e-02F, -3.97511162e-02F, -2.81230678e-05F}, {2.01714113e-02F, 4.90544215e-02F, 2.34028921e-05F}},
    {{-1.50395725e-02F, -2.49494594e-02F, -9.42573533e-05F}, {2.46518422e-02F, 3.29151377e-02F, 3.48571630e-05F}},
    {{-1.67938769e-02F, -2.00953931e-02F, -4.00750607e-04F}, {2.22457591e-02F, 1.21796541e-02F, 1.56396593e-04F}},
    {{-1.86435618e-02F, -2.48535164e-02F, -2.74416432e-02F}, {1.72109623e-02F, 3.01626958e-02F, 1.36556877e-02F}},
    {{-4.61211195e-03F, -1.21660791e-02F, -2.93173041e-04F}, {1.83460284e-02F, 1.61141958e-02F, 2.87440169e-04F}},
    {{-4.10017073e-02F, -7.43824020e-02F, -4.42762971e-02F}, {3.57594155e-02F, 1.80554688e-01F, 2.75554154e-02F}},
    {{-1.90370996e-02F, -3.74363363e-02F, -1.34740388e-02F}, {2.17450950e-02F, 8.66811201e-02F, 3.34241726e-02F}},
}};

// spec: portrait-frame-processors.md 3.6
constexpr float kPitchLimit = 30;
constexpr float kYawLimit = 60;
constexpr float kRollLimit = 20;

float limit_angle(float edited, float original, float limit) {
  const float low = original < 0 ? std::min(original, -limit) : -limit;
  const float high = original < 0 ? limit : std::max(original, limit);
  return std::clamp(edited, low, high);
}

double distance(const core::Point& a, const core::Point& b) {
  return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

double opening_ratio(const core::Landmark68& landmark, int top, int bottom, int left, int right) {
  return distance(landmark[top], landmark[bottom]) / (distance(landmark[left], landmark[right]) + 1e-6);
}

}  // namespace

HeadRotation head_rotation(const HeadAngles& angles) {
  const auto radians = [](float degrees) { return degrees * std::numbers::pi / 180; };
  const double sp = std::sin(radians(angles.pitch));
  const double cp = std::cos(radians(angles.pitch));
  const double sy = std::sin(radians(angles.yaw));
  const double cy = std::cos(radians(angles.yaw));
  const double sr = std::sin(radians(angles.roll));
  const double cr = std::cos(radians(angles.roll));
  const double entries[kAxes][kAxes]{{cy * cr, sp * sy * cr - cp * sr, cp * sy * cr + sp * sr},
                                     {cy * sr, sp * sy * sr + cp * cr, cp * sy * sr - sp * cr},
                                     {-sy, sp * cy, cp * cy}};
  HeadRotation rotation;
  for (int row = 0; row < kAxes; ++row) {
    for (int column = 0; column < kAxes; ++column) {
      rotation[row][column] = static_cast<float>(entries[row][column]);
    }
  }
  return rotation;
}

PortraitPoints portrait_points(const PortraitMotion& motion, const HeadRotation& rotation,
                               const PortraitPoints& expression) {
  PortraitPoints result;
  for (int k = 0; k < kPortraitPoints; ++k) {
    const std::array<float, kAxes>& point = motion.points[k];
    for (int axis = 0; axis < kAxes; ++axis) {
      const std::array<float, kAxes>& row = rotation[axis];
      const float turned = row[0] * point[0] + row[1] * point[1] + row[2] * point[2];
      result[k][axis] = motion.scale * (turned + expression[k][axis]) + motion.translation[axis];
    }
  }
  return result;
}

void limit_expression(PortraitPoints& expression) {
  for (int k = 0; k < kPortraitPoints; ++k) {
    for (int axis = 0; axis < kAxes; ++axis) {
      expression[k][axis] =
          std::clamp(expression[k][axis], kExpressionRanges[k].low[axis], kExpressionRanges[k].high[axis]);
    }
  }
}

HeadAngles limit_angles(const HeadAngles& edited, const HeadAngles& original) {
  return {limit_angle(edited.pitch, original.pitch, kPitchLimit), limit_angle(edited.yaw, original.yaw, kYawLimit),
          limit_angle(edited.roll, original.roll, kRollLimit)};
}

double left_eye_ratio(const core::Landmark68& landmark) {
  return opening_ratio(landmark, 37, 40, 39, 36);
}

double right_eye_ratio(const core::Landmark68& landmark) {
  return opening_ratio(landmark, 43, 46, 45, 42);
}

double lip_ratio(const core::Landmark68& landmark) {
  return opening_ratio(landmark, 62, 66, 54, 48);
}

}  // namespace facegraph::ops
