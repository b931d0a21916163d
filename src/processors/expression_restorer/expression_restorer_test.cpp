#include "processors/expression_restorer/expression_restorer.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "processors/shared/live_portrait_test_support.hpp"

namespace facegraph::processors {
namespace {

using Given = std::map<std::string, std::vector<std::string>>;

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), expression_restorer_options()},
                         given);
}

TEST(ExpressionRestorerOptions, DefaultsAreTheReferences) {
  const ExpressionRestorerOptions options = ExpressionRestorerOptions::from(values_with({}));
  EXPECT_EQ(options.factor, 80);
  EXPECT_TRUE(options.areas.upper_face && options.areas.lower_face);
}

TEST(ExpressionRestorerOptions, TakeTheBoxAndOcclusionOfTheMasks) {
  const ExpressionRestorerOptions options =
      ExpressionRestorerOptions::from(values_with({{"face-mask-types", {"occlusion", "area", "region"}},
                                                   {"face-mask-padding", {"10"}},
                                                   {"face-mask-blur", {"0.5"}},
                                                   {"face-occluder-model", {"xseg_3"}}}));
  EXPECT_TRUE(options.masker.box && options.masker.occlusion);
  EXPECT_FALSE(options.masker.area || options.masker.region);
  EXPECT_EQ(options.masker.padding, (std::array<int, 4>{}));
  EXPECT_EQ(options.masker.blur, 0.5);
  EXPECT_EQ(options.masker.occluder_model, "xseg_3");
}

TEST(ExpressionRestorerOptions, TheEmbeddedSetHasNoModel) {
  const auto values = values_with({{models::kModelSetOption, {"embedded"}}});
  test::expect_names(test::message_of(core::ErrorCode::kUsage, [&] { make_expression_restorer(values); }),
                     {"expression_restorer", "embedded"});
}

TEST(ExpressionRestorer, NamesItsFilesAndNeeds) {
  const auto processor = make_expression_restorer(values_with({}));
  std::vector<std::string> names;
  for (const models::ModelFile& file : processor->model_files()) {
    names.push_back(file.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"xseg_1", "live_portrait_feature_extractor",
                                             "live_portrait_motion_extractor", "live_portrait_generator"}));
  EXPECT_TRUE(processor->needs().target_faces && processor->needs().target_frame);
  EXPECT_FALSE(processor->needs().source_image);
}

// The expression is kValue times the brightness of the crop, in x and y of every point; all else is neutral.
class BrightnessTest : public testing::Test {
 protected:
  static constexpr float kValue = 0.0005F;  // within every point's limits
  static constexpr float kGain = 2000;

  BrightnessTest() {
    stand_ins_.follows_picture = true;
    for (auto& point : stand_ins_.motion.expression) {
      point = {kValue, kValue, 0};
    }
  }

  // The grey painted into the temp frame (level 51: a fifth) for a target frame.
  int restored(const core::Image& target, const std::string& input, const Given& given) {
    stand_ins_.brush = {input, input == "feature_volume" ? 1 : kGain, 0};
    stand_ins_.write(scratch_);
    runtime::InferencePool pool{runtime::ExecutionOptions{}};
    TempFrame temp{grey_picture(200, 200, 51), {}};
    const FrameFacts facts{{face_in_square(ops::WarpTemplate::kArcface128, 0, 0, 100)}, target};
    make_expression_restorer(values_with(given))->open({pool, store_}, {})->process_frame(facts, temp);
    EXPECT_EQ(temp.frame.row<std::uint8_t>(150)[3 * 150], 51);  // outside of the face
    return temp.frame.row<std::uint8_t>(50)[3 * 50];
  }

  // For a white target, where `points` of the 21 are restored.
  static int expected(double share, int points) {
    const double changed = 0.2 * kValue;
    const double original = kValue;
    const double restored = share * original + (1 - share) * changed;
    return static_cast<int>(255 * kGain * 2 * (points * restored + (21 - points) * changed) / 63);
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  PortraitStandIns stand_ins_;
};

TEST_F(BrightnessTest, TakesTheTargetsExpressionByFactorAndArea) {
  const core::Image white = grey_picture(200, 200, 255);
  const auto painted = [&](const Given& given) { return restored(white, "source", given); };
  EXPECT_NEAR(painted({}), expected(0.96, 16), 1);
  EXPECT_NEAR(painted({{"expression-restorer-factor", {"0"}}}), expected(0, 16), 1);
  EXPECT_NEAR(painted({{"expression-restorer-factor", {"100"}}}), expected(1.2, 16), 1);
  EXPECT_NEAR(painted({{"expression-restorer-areas", {"upper-face"}}}), expected(0.96, 9), 1);
  EXPECT_NEAR(painted({{"expression-restorer-areas", {"lower-face"}}}), expected(0.96, 7), 1);
}

TEST_F(BrightnessTest, StartsFromTheChangedFace) {
  const core::Image white = grey_picture(200, 200, 255);
  EXPECT_NEAR(restored(white, "target", {}), expected(0, 0), 1);
  EXPECT_NEAR(restored(white, "feature_volume", {}), 51, 1);
}

TEST_F(BrightnessTest, FindsTheFaceInATargetOfAnotherSize) {
  core::Image target = grey_picture(400, 400, 0);  // twice the temp frame's size: the face is in 200x200
  for (int y = 0; y < 201; ++y) {
    std::fill_n(target.row<std::uint8_t>(y), 3 * 201, std::uint8_t{255});
  }
  EXPECT_NEAR(restored(target, "source", {}), expected(0.96, 16), 1);
}

TEST_F(BrightnessTest, AFaceWithoutASimilarityIsSkipped) {
  stand_ins_.write(scratch_);
  runtime::InferencePool pool{runtime::ExecutionOptions{}};
  const core::Image target = grey_picture(64, 64, 7);
  TempFrame temp{grey_picture(64, 64, 9), {}};
  make_expression_restorer(values_with({}))->open({pool, store_}, {})->process_frame({{core::Face{}}, target}, temp);
  EXPECT_EQ(temp.frame.row<std::uint8_t>(32)[96], 9);
}

}  // namespace
}  // namespace facegraph::processors
