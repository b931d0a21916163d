#include "processors/face_editor/sliders.hpp"

#include <gtest/gtest.h>

#include "processors/shared/live_portrait.hpp"
#include "support/npz.hpp"

namespace facegraph::processors {
namespace {

// In the order of in_slider_names_json.
FaceSliders sliders_of(std::span<const double> values) {
  return {values[0], values[1], values[2], values[3],  values[4],  values[5],  values[6],
          values[7], values[8], values[9], values[10], values[11], values[12], values[13]};
}

TEST(EditExpression, IsExactlyTheReferences) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  EXPECT_EQ(golden["in_slider_names_json"].json(),
            (std::vector<std::string>{"eyebrow_direction", "eye_gaze_horizontal", "eye_gaze_vertical", "eye_open_ratio",
                                      "lip_open_ratio", "mouth_grim", "mouth_pout", "mouth_purse", "mouth_smile",
                                      "mouth_position_horizontal", "mouth_position_vertical", "head_pitch", "head_yaw",
                                      "head_roll"}));
  const auto settings = golden["in_sliders"].as<double>();
  const auto expressions = golden["in_expression"].as<float>();
  const auto expected = golden["out_edited"].as<float>();
  for (std::size_t row = 0; row < 16; ++row) {
    ops::PortraitPoints expression = to_points(expressions.subspan(row % 6 * 63, 63));
    edit_expression(expression, sliders_of(settings.subspan(14 * row, 14)));
    for (std::size_t i = 0; i < 63; ++i) {
      EXPECT_EQ(expression[i / 3][i % 3], expected[63 * row + i]) << row << " " << i;
    }
  }
}

TEST(EditAngles, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  const auto settings = golden["in_sliders"].as<double>();
  const auto angles = golden["in_angles"].as<float>();
  const auto expected = golden["out_edit_rotation"].as<float>();
  for (std::size_t row = 0; row < 16; ++row) {
    const ops::HeadAngles original{angles[3 * row], angles[3 * row + 1], angles[3 * row + 2]};
    const ops::HeadRotation found =
        ops::head_rotation(edit_angles(original, sliders_of(settings.subspan(14 * row, 14))));
    for (std::size_t i = 0; i < 9; ++i) {
      EXPECT_NEAR(found[i / 3][i % 3], expected[9 * row + i], 1e-6) << row << " " << i;
    }
  }
}

TEST(EditExpression, SaturatesBeyondTheSliders) {
  ops::PortraitPoints at_end{};
  ops::PortraitPoints beyond{};
  edit_expression(at_end, {.mouth_smile = 1, .mouth_position_horizontal = -1});
  edit_expression(beyond, {.mouth_smile = 7, .mouth_position_horizontal = -3});
  EXPECT_EQ(at_end, beyond);
  EXPECT_EQ(at_end[19][0], -0.05F);
}

}  // namespace
}  // namespace facegraph::processors
