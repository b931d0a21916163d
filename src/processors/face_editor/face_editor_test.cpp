#include "processors/face_editor/face_editor.hpp"

#include <gtest/gtest.h>

#include "analysers/masker/masker.hpp"
#include "processors/shared/live_portrait_test_support.hpp"

namespace facegraph::processors {
namespace {

using Given = std::map<std::string, std::vector<std::string>>;

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), face_editor_options()}, given);
}

const std::vector<std::string> kSliderNames{"eyebrow-direction",
                                            "eye-gaze-horizontal",
                                            "eye-gaze-vertical",
                                            "eye-open-ratio",
                                            "lip-open-ratio",
                                            "mouth-grim",
                                            "mouth-pout",
                                            "mouth-purse",
                                            "mouth-smile",
                                            "mouth-position-horizontal",
                                            "mouth-position-vertical",
                                            "head-pitch",
                                            "head-yaw",
                                            "head-roll"};

Given all_sliders(const std::string& value) {
  Given given;
  for (const std::string& name : kSliderNames) {
    given["face-editor-" + name] = {value};
  }
  return given;
}

TEST(FaceEditorOptions, HasTheReferencesSliders) {
  ASSERT_EQ(face_editor_options().size(), kSliderNames.size() + 1);
  for (std::size_t i = 0; i < kSliderNames.size(); ++i) {
    const core::Option& option = face_editor_options()[i + 1];
    EXPECT_EQ(option.name, "face-editor-" + kSliderNames[i]);
    EXPECT_EQ(core::describe_domain(option, {}), "[-1.0..1.0:0.05]");
    EXPECT_EQ(std::get<double>(option.default_value), 0);
  }
}

TEST(FaceEditorOptions, EachReachesItsOwnSlider) {
  Given given;
  for (std::size_t i = 0; i < kSliderNames.size(); ++i) {
    given["face-editor-" + kSliderNames[i]] = {i < 4 ? "0." + std::to_string(5 * i + 10)
                                                     : "-0." + std::to_string(5 * i)};
  }
  const FaceSliders found = FaceEditorOptions::from(values_with(given)).sliders;
  EXPECT_EQ(found.eyebrow_direction, 0.10);
  EXPECT_EQ(found.eye_gaze_horizontal, 0.15);
  EXPECT_EQ(found.eye_gaze_vertical, 0.20);
  EXPECT_EQ(found.eye_open_ratio, 0.25);
  EXPECT_EQ(found.lip_open_ratio, -0.20);
  EXPECT_EQ(found.mouth_grim, -0.25);
  EXPECT_EQ(found.mouth_pout, -0.30);
  EXPECT_EQ(found.mouth_purse, -0.35);
  EXPECT_EQ(found.mouth_smile, -0.40);
  EXPECT_EQ(found.mouth_position_horizontal, -0.45);
  EXPECT_EQ(found.mouth_position_vertical, -0.50);
  EXPECT_EQ(found.head_pitch, -0.55);
  EXPECT_EQ(found.head_yaw, -0.60);
  EXPECT_EQ(found.head_roll, -0.65);
}

TEST(FaceEditorOptions, TheEmbeddedSetHasNoModel) {
  const auto values = values_with({{models::kModelSetOption, {"embedded"}}});
  test::expect_names(test::message_of(core::ErrorCode::kUsage, [&] { make_face_editor(values); }),
                     {"face_editor", "embedded"});
}

TEST(FaceEditor, RunsNoMaskModels) {
  const auto files =
      make_face_editor(values_with({{"face-mask-types", {"box", "occlusion", "region"}}}))->model_files();
  ASSERT_EQ(files.size(), 6U);
  for (const models::ModelFile& file : files) {
    EXPECT_TRUE(file.name.starts_with("live_portrait_")) << file.name;
    EXPECT_EQ(file.release, "models-3.0.0");
  }
}

// spec: portrait-frame-processors.md section 12, "Face-editor point chain"
class ChainTest : public testing::Test {
 protected:
  ChainTest() {
    stand_ins_.motion.angles = {5, -10, 3};
    stand_ins_.motion.scale = 1.3F;
    stand_ins_.motion.translation = {0.02F, -0.05F, 0};
    for (int k = 0; k < ops::kPortraitPoints; ++k) {
      stand_ins_.motion.points[k] = {static_cast<float>(0.01 * k - 0.1), static_cast<float>(0.12 - 0.015 * k),
                                     static_cast<float>(0.002 * k)};
      stand_ins_.motion.expression[k] = {static_cast<float>(0.001 * (k % 5) - 0.002),
                                         static_cast<float>(0.0015 * (k % 4) - 0.002),
                                         static_cast<float>(0.00002 * (k % 3))};
    }
    for (int j = 0; j < 63; ++j) {
      stand_ins_.eyes[j] = static_cast<float>(0.001 * (j % 7));
      stand_ins_.lips[j] = static_cast<float>(-0.001 * (j % 5));
    }
    face_ = face_in_square(ops::WarpTemplate::kFfhq512, 0, 0, 300);
    for (int j = 0; j < 68; ++j) {
      face_.landmarks.sixty_eight[j] = {100 + 3.0 * j, 200 + j * j / 20.0};
    }
  }

  // Level of the painted grey where it is `gain * (mean of the input - expected_sum / 63) + 0.5`.
  int painted(const std::string& input, double expected_sum, const Given& given) {
    constexpr float kGain = 5000;  // a level is 5e-5 of the sum
    stand_ins_.brush = {input, kGain, static_cast<float>(0.5 - kGain * expected_sum / 63)};
    stand_ins_.write(scratch_);
    runtime::InferencePool pool{runtime::ExecutionOptions{}};
    TempFrame temp{grey_picture(300, 300, 0), {}};
    make_face_editor(values_with(given))->open({pool, store_}, {})->process_frame({{face_}}, temp);
    return temp.frame.row<std::uint8_t>(150)[3 * 150];
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  PortraitStandIns stand_ins_;
  core::Face face_;
};

TEST_F(ChainTest, MovesThePointsToWhereTheReferenceDoes) {
  EXPECT_NEAR(painted("source", -1.2781795, all_sliders("0.5")), 127, 1);
  EXPECT_NEAR(painted("source", -1.1628147, all_sliders("-0.5")), 127, 1);
}

TEST_F(ChainTest, TellsTheGeneratorWhereThePointsWere) {
  EXPECT_NEAR(painted("target", -1.0661259, all_sliders("0.5")), 127, 1);
}

TEST_F(ChainTest, WithoutOpeningsTheRetargetersAreNotEvenLoaded) {
  stand_ins_.write(scratch_);
  std::filesystem::remove(scratch_ / portrait_file(PortraitPart::kEyeRetargeter).file_name());
  std::filesystem::remove(scratch_ / portrait_file(PortraitPart::kLipRetargeter).file_name());
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  const auto open = [&](const Given& given) { return make_face_editor(values_with(given))->open({pool, store_}, {}); };
  EXPECT_NE(open({}), nullptr);
  test::message_of(core::ErrorCode::kFailed, [&] { open({{"face-editor-eye-open-ratio", {"0.05"}}}); });
  test::message_of(core::ErrorCode::kFailed, [&] { open({{"face-editor-lip-open-ratio", {"-0.05"}}}); });
}

TEST_F(ChainTest, PaintsWithinTheSpreadSquareOnly) {
  stand_ins_.brush = {"source", 0, 1};
  stand_ins_.write(scratch_);
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  TempFrame temp{grey_picture(400, 400, 0), {}};
  // The crop shows 1.5 times the square, about the nose.
  const core::Face face = face_in_square(ops::WarpTemplate::kFfhq512, 100, 100, 200);
  make_face_editor(values_with({{"face-mask-padding", {"50"}}, {"face-mask-blur", {"0.0"}}}))
      ->open({pool, store_}, {})
      ->process_frame({{face}}, temp);
  const core::Point nose = face.landmarks.five_of_68[2];
  const auto level = [&](double x, double y) {
    return temp.frame.row<std::uint8_t>(static_cast<int>(y))[3 * static_cast<int>(x)];
  };
  const double left = nose.x - 1.5 * (nose.x - 100);
  EXPECT_EQ(level(left + 4, nose.y), 255);
  EXPECT_EQ(level(left - 4, nose.y), 0);
}

TEST_F(ChainTest, AFaceWithoutASimilarityIsSkipped) {
  stand_ins_.write(scratch_);
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  TempFrame temp{grey_picture(64, 64, 9), {}};
  make_face_editor(values_with({}))->open({pool, store_}, {})->process_frame({{core::Face{}}}, temp);
  EXPECT_EQ(temp.frame.row<std::uint8_t>(32)[96], 9);
}

}  // namespace
}  // namespace facegraph::processors
