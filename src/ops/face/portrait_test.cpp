#include "ops/face/portrait.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

// spec: portrait-frame-processors.md section 12
TEST(HeadRotation, MeetsTheCheckValues) {
  struct Row {
    HeadAngles angles;
    std::array<double, 9> expected;
  };
  for (const Row& row : {Row{{10, 20, 30},
                             {0.81379765, -0.44096962, 0.37852231, 0.46984631, 0.88256413, 0.01802831, -0.34202015,
                              0.16317591, 0.92541659}},
                         Row{{-12.5F, 33, 7.25F},
                             {0.83196533, -0.24014655, 0.50016326, 0.10583936, 0.95361394, 0.28181283, -0.54463905,
                              -0.18152153, 0.81879073}}}) {
    const HeadRotation found = head_rotation(row.angles);
    for (int i = 0; i < 9; ++i) {
      EXPECT_NEAR(found[i / 3][i % 3], row.expected[i], 1e-7) << i;
    }
  }
}

HeadAngles angles_of(std::span<const float> values, std::size_t row) {
  return {values[3 * row], values[3 * row + 1], values[3 * row + 2]};
}

TEST(HeadRotation, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  const auto angles = golden["in_angles"].as<float>();
  const auto expected = golden["out_rotation"].as<float>();
  for (std::size_t row = 0; row < angles.size() / 3; ++row) {
    const HeadRotation found = head_rotation(angles_of(angles, row));
    for (std::size_t i = 0; i < 9; ++i) {
      EXPECT_NEAR(found[i / 3][i % 3], expected[9 * row + i], 1e-6) << row << " " << i;
    }
  }
}

TEST(LimitAngles, IsExactlyTheReferences) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  const auto original = golden["in_angles"].as<float>();
  const auto edited = golden["in_edited"].as<float>();
  const auto expected = golden["out_limited"].as<float>();
  for (std::size_t row = 0; row < original.size() / 3; ++row) {
    const HeadAngles found = limit_angles(angles_of(edited, row), angles_of(original, row));
    EXPECT_EQ(found.pitch, expected[3 * row]) << row;
    EXPECT_EQ(found.yaw, expected[3 * row + 1]) << row;
    EXPECT_EQ(found.roll, expected[3 * row + 2]) << row;
  }
}

TEST(LimitExpression, IsExactlyTheReferences) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  const auto given = golden["in_expression"].as<float>();
  const auto expected = golden["out_expression"].as<float>();
  constexpr std::size_t kValues = 3 * kPortraitPoints;
  for (std::size_t row = 0; row < given.size() / kValues; ++row) {
    PortraitPoints expression;
    std::copy_n(given.data() + row * kValues, kValues, expression[0].data());
    limit_expression(expression);
    for (std::size_t i = 0; i < kValues; ++i) {
      EXPECT_EQ(expression[i / 3][i % 3], expected[row * kValues + i]) << row << " " << i;
    }
  }
}

TEST(PortraitPointsOf, TurnAddScaleAndMove) {
  PortraitMotion motion;
  motion.scale = 2;
  motion.translation = {10, 20, 30};
  motion.points[4] = {1, 2, 3};
  PortraitPoints expression{};
  expression[4] = {0.5F, 0.25F, 0.125F};
  const HeadRotation quarter{{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}};  // about z: x' = -y, y' = x
  const PortraitPoints found = portrait_points(motion, quarter, expression);
  EXPECT_EQ(found[4], (std::array<float, 3>{2 * -1.5F + 10, 2 * 1.25F + 20, 2 * 3.125F + 30}));
  EXPECT_EQ(found[5], (std::array<float, 3>{10, 20, 30}));
}

TEST(OpeningRatios, MeetTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  const auto points = golden["in_lm68"].doubles();
  const auto expected = golden["out_ratios"].doubles();
  for (std::size_t row = 0; row < expected.size() / 3; ++row) {
    core::Landmark68 landmark;
    for (std::size_t i = 0; i < 68; ++i) {
      landmark[i] = {points[(row * 68 + i) * 2], points[(row * 68 + i) * 2 + 1]};
    }
    EXPECT_NEAR(left_eye_ratio(landmark), expected[3 * row], 1e-12) << row;
    EXPECT_NEAR(right_eye_ratio(landmark), expected[3 * row + 1], 1e-12) << row;
    EXPECT_NEAR(lip_ratio(landmark), expected[3 * row + 2], 1e-12) << row;
  }
}

}  // namespace
}  // namespace facegraph::ops
