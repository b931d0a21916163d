// What the sliders do to a face's expression and pose. spec: portrait-frame-processors.md 4.2, 4.4 - 4.6
#pragma once

#include "ops/face/portrait.hpp"

namespace facegraph::processors {

// Each -1..1, 0: as it is.
struct FaceSliders {
  double eyebrow_direction = 0;
  double eye_gaze_horizontal = 0;
  double eye_gaze_vertical = 0;
  double eye_open_ratio = 0;
  double lip_open_ratio = 0;
  double mouth_grim = 0;
  double mouth_pout = 0;
  double mouth_purse = 0;
  double mouth_smile = 0;
  double mouth_position_horizontal = 0;
  double mouth_position_vertical = 0;
  double head_pitch = 0;
  double head_yaw = 0;
  double head_roll = 0;
};

// Eye gaze, mouth and eyebrows, before the limits. Sums in double, stored as float32 after every step.
void edit_expression(ops::PortraitPoints& expression, const FaceSliders& sliders);

// The head turned by the sliders, within the limits.
ops::HeadAngles edit_angles(const ops::HeadAngles& angles, const FaceSliders& sliders);

// points += amount * delta, in double, rounded to float32: what a retargeter adds.
void add_scaled(ops::PortraitPoints& points, const ops::PortraitPoints& delta, double amount);

}  // namespace facegraph::processors
