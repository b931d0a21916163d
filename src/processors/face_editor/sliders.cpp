#include "processors/face_editor/sliders.hpp"

#include <cstdint>

namespace facegraph::processors {

namespace {

enum Axis : std::uint8_t { kX, kY, kZ };
enum class Side : std::uint8_t { kPositive, kOther, kBoth };  // of the slider's values

// Adds the slider times the factor to one value of the expression.
struct Step {
  double FaceSliders::*slider;
  Side side;
  int point;
  Axis axis;
  double factor;
};

constexpr auto kGazeX = &FaceSliders::eye_gaze_horizontal;
constexpr auto kGazeY = &FaceSliders::eye_gaze_vertical;
constexpr auto kGrim = &FaceSliders::mouth_grim;
constexpr auto kMouthX = &FaceSliders::mouth_position_horizontal;
constexpr auto kMouthY = &FaceSliders::mouth_position_vertical;
constexpr auto kPout = &FaceSliders::mouth_pout;
constexpr auto kPurse = &FaceSliders::mouth_purse;
constexpr auto kSmile = &FaceSliders::mouth_smile;
constexpr auto kBrow = &FaceSliders::eyebrow_direction;
constexpr auto kPlus = Side::kPositive;
constexpr auto kMinus = Side::kOther;
constexpr auto kBoth = Side::kBoth;

// In this order: sums are rounded. spec: portrait-frame-processors.md 4.4
constexpr Step kSteps[]{
    {kGazeX, kPlus, 11, kX, 0.015},   {kGazeX, kPlus, 15, kX, 0.020},   {kGazeX, kMinus, 11, kX, 0.020},
    {kGazeX, kMinus, 15, kX, 0.015},  {kGazeY, kBoth, 1, kY, 0.0025},   {kGazeY, kBoth, 2, kY, -0.0025},
    {kGazeY, kBoth, 11, kY, -0.010},  {kGazeY, kBoth, 13, kY, -0.005},  {kGazeY, kBoth, 15, kY, -0.010},
    {kGazeY, kBoth, 16, kY, -0.005},

    {kGrim, kPlus, 17, kZ, -0.005},   {kGrim, kPlus, 19, kZ, 0.01},     {kGrim, kPlus, 20, kY, -0.06},
    {kGrim, kPlus, 20, kZ, -0.03},    {kGrim, kMinus, 19, kY, -0.05},   {kGrim, kMinus, 19, kZ, -0.02},
    {kGrim, kMinus, 20, kZ, -0.03},

    {kMouthX, kBoth, 19, kX, 0.05},   {kMouthX, kBoth, 20, kX, 0.04},   {kMouthY, kPlus, 19, kY, -0.04},
    {kMouthY, kPlus, 20, kY, -0.02},  {kMouthY, kMinus, 19, kY, -0.05}, {kMouthY, kMinus, 20, kY, -0.04},

    {kPout, kPlus, 19, kY, -0.022},   {kPout, kPlus, 19, kZ, 0.025},    {kPout, kPlus, 20, kZ, -0.002},
    {kPout, kMinus, 19, kY, 0.022},   {kPout, kMinus, 19, kZ, 0.025},   {kPout, kMinus, 20, kZ, -0.002},

    {kPurse, kPlus, 19, kY, -0.04},   {kPurse, kPlus, 19, kZ, -0.02},   {kPurse, kMinus, 14, kY, -0.02},
    {kPurse, kMinus, 17, kZ, 0.01},   {kPurse, kMinus, 19, kZ, -0.015}, {kPurse, kMinus, 20, kZ, -0.002},

    {kSmile, kPlus, 20, kY, -0.015},  {kSmile, kPlus, 14, kY, -0.025},  {kSmile, kPlus, 17, kY, 0.01},
    {kSmile, kPlus, 17, kZ, 0.004},   {kSmile, kPlus, 3, kY, -0.0045},  {kSmile, kPlus, 7, kY, -0.0045},
    {kSmile, kMinus, 14, kY, -0.02},  {kSmile, kMinus, 17, kY, 0.003},  {kSmile, kMinus, 19, kY, 0.02},
    {kSmile, kMinus, 19, kZ, -0.005}, {kSmile, kMinus, 20, kZ, 0.01},   {kSmile, kMinus, 3, kY, 0.0045},
    {kSmile, kMinus, 7, kY, 0.0045},

    {kBrow, kPlus, 1, kY, 0.015},     {kBrow, kPlus, 2, kY, -0.020},    {kBrow, kMinus, 1, kX, -0.015},
    {kBrow, kMinus, 2, kX, 0.020},    {kBrow, kMinus, 1, kY, 0.005},    {kBrow, kMinus, 2, kY, -0.005},
};

constexpr double kPitchRange = -20;  // degrees at the slider's end
constexpr double kYawRange = -60;
constexpr double kRollRange = 15;

// -1..1 to -range..range, saturating; the arithmetic of numpy.interp.
double spread(double slider, double range) {
  if (slider >= 1) {
    return range;
  }
  return slider <= -1 ? -range : range * (slider + 1) - range;
}

float turned(float angle, double slider, double range) {
  return angle + static_cast<float>(spread(slider, range));
}

}  // namespace

void edit_expression(ops::PortraitPoints& expression, const FaceSliders& sliders) {
  for (const Step& step : kSteps) {
    const double slider = sliders.*step.slider;
    if (step.side == Side::kBoth || (step.side == Side::kPositive) == (slider > 0)) {
      float& value = expression[step.point][step.axis];
      value = static_cast<float>(value + spread(slider, step.factor));
    }
  }
}

ops::HeadAngles edit_angles(const ops::HeadAngles& angles, const FaceSliders& sliders) {
  const ops::HeadAngles edited{turned(angles.pitch, sliders.head_pitch, kPitchRange),
                               turned(angles.yaw, sliders.head_yaw, kYawRange),
                               turned(angles.roll, sliders.head_roll, kRollRange)};
  return ops::limit_angles(edited, angles);
}

void add_scaled(ops::PortraitPoints& points, const ops::PortraitPoints& delta, double amount) {
  for (int k = 0; k < ops::kPortraitPoints; ++k) {
    for (int axis = 0; axis < 3; ++axis) {
      points[k][axis] = static_cast<float>(points[k][axis] + amount * delta[k][axis]);
    }
  }
}

}  // namespace facegraph::processors
