#include "processors/age_modifier/age_modifier.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "core/base/probe.hpp"
#include "processors/face_test_support.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using ops::WarpTemplate;
using Given = std::map<std::string, std::vector<std::string>>;

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), age_modifier_options()}, given);
}

// spec: face-processors.md 8.1
TEST(AgeModels, AreTheReferences) {
  const auto& models = age_models(models::ModelSet::kOfficial);
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].file.name, "fran");
  EXPECT_EQ(models[0].file.release, "models-3.6.0");
  EXPECT_EQ(models[0].size, 1024);
  EXPECT_EQ(models[1].file.name, "styleganex_age");
  EXPECT_EQ(models[1].file.release, "models-3.1.0");
  EXPECT_EQ(models[1].size, 256);
  EXPECT_EQ(models[1].background_size, 384);
}

TEST(AgeModifierOptions, DefaultsAreTheReferences) {
  const AgeModifierOptions options = AgeModifierOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "fran");
  EXPECT_EQ(options.direction, 0);
}

TEST(AgeModifier, NeedsTheAgeOnlyForFran) {
  const auto needs = [](const char* model) {
    return make_age_modifier(values_with({{"age-modifier-model", {model}}}))->needs();
  };
  EXPECT_TRUE(needs("fran").target_classes);
  EXPECT_FALSE(needs("styleganex_age").target_classes);
  EXPECT_TRUE(needs("styleganex_age").target_faces);
}

// spec: face-processors.md 8.3
TEST(FranAges, AreTheMeanOfTheRangeAndTheGoal) {
  const std::vector<std::pair<core::AgeRange, float>> rows{{{0, 2}, 0.5F},   {{3, 9}, 5.5F},   {{10, 19}, 14.F},
                                                           {{20, 29}, 24.F}, {{30, 39}, 34.F}, {{40, 49}, 44.F},
                                                           {{50, 59}, 54.F}, {{60, 69}, 64.F}, {{70, 100}, 84.5F}};
  for (const auto& [range, mean] : rows) {
    const auto ages = fran_ages(range, -7);
    EXPECT_EQ(ages[0], mean / 100) << range.start;
    EXPECT_EQ(ages[1], std::max(0.0F, (mean - 7) / 100)) << range.start;
  }
  EXPECT_EQ(fran_ages({70, 100}, 100)[1], 1);
}

// Keeps the last crop, mask and matrix that were pasted.
class PasteProbe final : public core::Probe {
 public:
  void numbers(std::string_view name, std::span<const double> values) override {
    if (name == "paste_matrix") {
      std::copy(values.begin(), values.end(), matrix.m.begin());
    }
  }
  void image(std::string_view name, core::ConstImageView view) override {
    if (name == "paste_crop") {
      crop = core::Image::copy_of(view);
    } else if (name == "paste_mask") {
      mask = core::Image::copy_of(view);
    }
  }
  void text(std::string_view, std::string_view) override {}

  core::Image crop;
  core::Image mask;
  core::Affine matrix;
};

class AgeModifierTest : public testing::Test {
 protected:
  void run(const Given& given, TempFrame& temp, const core::Face& face) {
    const auto frame = make_age_modifier(values_with(given))->open({pool_, store_}, {});
    const core::ProbeScope scope(&probe_);
    frame->process_frame({{face}}, temp);
  }
  // What was pasted for a point of the frame.
  float mask_at(core::Point point) const {
    const core::Point at = ops::transform(probe_.matrix, point);
    return probe_.mask.row<float>(static_cast<int>(std::lround(at.y)))[std::lround(at.x)];
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
  PasteProbe probe_;
};

test::OnnxModel styleganex_model(int side, float value) {
  test::OnnxModel model =
      test::constant_model({"target", {1, 3, 256, 256}},
                           {test::constant("output", {1, 3, side, side},
                                           std::vector<float>(static_cast<std::size_t>(3 * side * side), value))});
  model.inputs.push_back({"target_with_background", {1, 3, 384, 384}});
  model.inputs.push_back({"direction", {}});
  return model;
}

// fran's picture is what the model gives, in its own precision.
TEST_F(AgeModifierTest, FranPaintsTheFaceAndNothingElse) {
  std::vector<float> planes;
  for (const float value : {0.2F, 0.4F, 1.0F}) {
    planes.insert(planes.end(), 1024 * 1024, value);
  }
  test::OnnxModel model =
      test::constant_model({"target", {1, 3, 1024, 1024}}, {test::constant("output", {1, 3, 1024, 1024}, planes)});
  model.inputs.push_back({"direction", {2}});
  model.write(scratch_ / "fran.onnx");
  TempFrame temp{core::Image::zeros(400, 400, 3), {}};
  run({}, temp, face_in_square(WarpTemplate::kFfhq512, 100, 100, 200));
  const auto* middle = &temp.frame.row<std::uint8_t>(200)[3 * 200];
  EXPECT_NEAR(middle[0], 255, 1);  // BGR
  EXPECT_NEAR(middle[1], 102, 1);
  EXPECT_NEAR(middle[2], 51, 1);
  EXPECT_EQ(temp.frame.row<std::uint8_t>(98)[3 * 200], 0);
  EXPECT_EQ(probe_.crop.depth(), core::Depth::kF64);
}

TEST_F(AgeModifierTest, StyleganexTakesAnySquareAndKeepsTheFramesColours) {
  for (const int side : {96, 1536}) {
    styleganex_model(side, 0.9F).write(scratch_ / "styleganex_age.onnx");
    TempFrame temp{core::Image(400, 400, 3), {}};
    std::fill_n(temp.frame.row<std::uint8_t>(0), temp.frame.bytes(), std::uint8_t{60});
    pool_.release("age_modifier");
    run({{"age-modifier-model", {"styleganex_age"}}}, temp, face_in_square(WarpTemplate::kFfhq512, 100, 100, 200));
    EXPECT_EQ(probe_.crop.size(), (core::Size{1024, 1024})) << side;
    EXPECT_NEAR(temp.frame.row<std::uint8_t>(200)[3 * 200], 60, 1) << side;
  }
}

// The occluder looks at the close crop: what it leaves free has to be free at the same place of the frame.
TEST_F(AgeModifierTest, StyleganexKeepsOcclusionWhereItIs) {
  styleganex_model(64, 0).write(scratch_ / "styleganex_age.onnx");
  std::vector<float> left_half(256 * 256);
  for (std::size_t i = 0; i < left_half.size(); ++i) {
    left_half[i] = i % 256 < 128 ? 1.0F : 0.0F;
  }
  test::constant_model({"input", {1, 256, 256, 3}}, {test::constant("output", {1, 256, 256, 1}, left_half)})
      .write(scratch_ / "xseg_1.onnx");
  TempFrame temp{core::Image::zeros(600, 500, 3), {}};
  run({{"age-modifier-model", {"styleganex_age"}}, {"face-mask-types", {"occlusion"}}}, temp,
      face_in_square(WarpTemplate::kFfhq512, 260, 130, 200));
  const double middle = 360;  // of the close crop, in the frame
  EXPECT_GT(mask_at({middle - 12, 240}), 0.9F);
  EXPECT_GT(mask_at({middle - 60, 240}), 0.9F);
  EXPECT_LT(mask_at({middle + 12, 240}), 0.1F);
  EXPECT_LT(mask_at({middle + 60, 240}), 0.1F);
}

TEST_F(AgeModifierTest, AStyleganexThatIsNotSquareIsAnError) {
  test::OnnxModel model = test::constant_model(
      {"target", {1, 3, 256, 256}}, {test::constant("output", {1, 3, 8, 16}, std::vector<float>(3 * 8 * 16))});
  model.inputs.push_back({"target_with_background", {1, 3, 384, 384}});
  model.inputs.push_back({"direction", {}});
  model.write(scratch_ / "styleganex_age.onnx");
  const auto processor = make_age_modifier(values_with({{"age-modifier-model", {"styleganex_age"}}}));
  test::expect_names(test::message_of(core::ErrorCode::kFailed,
                                      [&] {
                                        processor->open({pool_, store_}, {});
                                      }),
                     {"styleganex_age", "1x3x16x16", "1x3x8x16"});
}

}  // namespace
}  // namespace facegraph::processors
