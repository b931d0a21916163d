#include "processors/frame_enhancer/frame_enhancer.hpp"

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

core::OptionValues values_with(const std::map<std::string, std::vector<std::string>>& given) {
  return test::values_of({models::model_set_options(), frame_enhancer_options()}, given);
}

struct Row {
  const char* name;
  int side;
  int pad;
  int overlap;
  int scale;
  const char* release;
};

// spec: portrait-frame-processors.md 7.1
const std::vector<Row> kRows{
    {"clear_reality_x4", 128, 8, 4, 4, "3.0.0"},     {"face_dat_x4", 128, 8, 4, 4, "3.5.0"},
    {"nomos8k_sc_x4", 128, 8, 4, 4, "3.0.0"},        {"real_esrgan_x2", 256, 16, 8, 2, "3.0.0"},
    {"real_esrgan_x2_fp16", 256, 16, 8, 2, "3.0.0"}, {"real_esrgan_x4", 256, 16, 8, 4, "3.0.0"},
    {"real_esrgan_x4_fp16", 256, 16, 8, 4, "3.0.0"}, {"real_esrgan_x8", 256, 16, 8, 8, "3.0.0"},
    {"real_esrgan_x8_fp16", 256, 16, 8, 8, "3.0.0"}, {"real_hatgan_x4", 256, 16, 8, 4, "3.0.0"},
    {"real_web_photo_x4", 64, 4, 2, 4, "3.1.0"},     {"realistic_rescaler_x4", 128, 8, 4, 4, "3.1.0"},
    {"remacri_x4", 128, 8, 4, 4, "3.1.0"},           {"siax_x4", 128, 8, 4, 4, "3.1.0"},
    {"span_kendata_x4", 128, 8, 4, 4, "3.0.0"},      {"swin2_sr_x4", 128, 8, 4, 4, "3.1.0"},
    {"tghq_face_x8", 128, 8, 4, 8, "3.5.0"},         {"ultra_sharp_x4", 128, 8, 4, 4, "3.0.0"},
    {"ultra_sharp_2_x4", 1024, 64, 32, 4, "3.3.0"},
};

TEST(FrameEnhancerModels, AreTheReferences) {
  const auto& models = frame_enhancer_models(models::ModelSet::kOfficial);
  ASSERT_EQ(models.size(), kRows.size());
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const Row& row = kRows[i];
    const FrameEnhancerModel& model = models[i];
    EXPECT_EQ(model.file.name, row.name);
    EXPECT_EQ(model.file.release, std::string("models-") + row.release) << row.name;
    EXPECT_EQ(model.tile.side, row.side) << row.name;
    EXPECT_EQ(model.tile.pad, row.pad) << row.name;
    EXPECT_EQ(model.tile.overlap, row.overlap) << row.name;
    EXPECT_EQ(model.scale, row.scale) << row.name;
  }
}

TEST(FrameEnhancerOptions, DefaultsAreTheReferences) {
  const FrameEnhancerOptions options = FrameEnhancerOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "span_kendata_x4");
  EXPECT_DOUBLE_EQ(options.share, 0.8);
}

TEST(FrameEnhancerOptions, RefusesWhatTheReferenceDoesNotList) {
  for (const auto& [name, value] : {std::pair{"frame-enhancer-model", "real_esrgan_x3"},
                                    {"frame-enhancer-blend", "101"},
                                    {"frame-enhancer-blend", "-1"},
                                    {"frame-enhancer-blend", "0.5"}}) {
    test::expect_names(test::message_of(core::ErrorCode::kUsage,
                                        [&] {
                                          values_with({{name, {value}}});
                                        }),
                       {name, value});
  }
}

TEST(FrameEnhancerOptions, TheEmbeddedSetHasOneOfItsOwn) {
  const auto options = FrameEnhancerOptions::from(values_with({{"model-set", {"embedded"}}}));
  EXPECT_EQ(options.model.file.name, "embedded_frame_enhancer");
  EXPECT_TRUE(models::is_embedded(options.model.file));
  EXPECT_EQ(options.model.scale, 2);
  EXPECT_EQ(options.model.tile.side, 256);
}

// A network that paints one colour, whatever it sees: RGB 0.2, 0.4, 1.0, four times as large.
class EnlargedFrame : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<float> planes;
    for (const float value : {0.2F, 0.4F, 1.0F}) {
      planes.insert(planes.end(), 256 * 256, value);
    }
    test::constant_model({"input", {1, 3, "height", "width"}}, {test::constant("output", {1, 3, 256, 256}, planes)})
        .write(scratch_ / "real_web_photo_x4.onnx");
  }
  TempFrame enhanced(const std::string& blend) {
    TempFrame temp{core::Image(71, 33, 3), core::Image(71, 33, 1)};
    for (int y = 0; y < 33; ++y) {
      std::fill_n(temp.frame.row<std::uint8_t>(y), 3 * 71, std::uint8_t{100});
      std::fill_n(temp.mask.row<std::uint8_t>(y), 71, static_cast<std::uint8_t>(y < 16 ? 0 : 200));
    }
    const auto values =
        values_with({{"frame-enhancer-model", {"real_web_photo_x4"}}, {"frame-enhancer-blend", {blend}}});
    make_frame_enhancer(values)->open({pool_, store_}, {})->process_frame({}, temp);
    return temp;
  }
  // Every pixel is that one (BGR).
  static void expect_all(const device::Picture& frame, const std::array<int, 3>& bgr) {
    ASSERT_EQ(frame.size(), (core::Size{284, 132}));
    for (int y = 0; y < frame.height(); ++y) {
      for (int x = 0; x < frame.width(); ++x) {
        for (int c = 0; c < 3; ++c) {
          ASSERT_EQ(frame.row<std::uint8_t>(y)[3 * x + c], bgr[static_cast<std::size_t>(c)]) << x << " " << y;
        }
      }
    }
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
};

TEST_F(EnlargedFrame, IsLargerEverywhereAndItsMaskWithIt) {
  const TempFrame temp = enhanced("100");
  expect_all(temp.frame, {255, 102, 51});
  ASSERT_EQ(temp.mask.size(), (core::Size{284, 132}));
  EXPECT_EQ(temp.mask.row<std::uint8_t>(61)[100], 0);
  EXPECT_EQ(temp.mask.row<std::uint8_t>(66)[100], 200);
  EXPECT_EQ(temp.mask.row<std::uint8_t>(131)[283], 200);
}

TEST_F(EnlargedFrame, IsMixedWithTheFrameEnlargedPlainly) {
  expect_all(enhanced("80").frame, {224, 102, 61});
  expect_all(enhanced("0").frame, {100, 100, 100});
}

TEST_F(EnlargedFrame, AnotherScaleThanTheTablesIsRefused) {
  test::constant_model({"input", {1, 3, "height", "width"}},
                       {test::constant("output", {1, 3, 128, 128}, std::vector<float>(3 * 128 * 128))})
      .write(scratch_ / "real_web_photo_x4.onnx");
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { enhanced("80"); }),
                     {"real_web_photo_x4", "1x3x128x128", "1x3x256x256"});
}

}  // namespace
}  // namespace facegraph::processors
