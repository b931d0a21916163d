#include "processors/frame_colorizer/frame_colorizer.hpp"

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using Names = std::vector<std::string>;

core::OptionValues values_with(const std::map<std::string, std::vector<std::string>>& given) {
  return test::values_of({models::model_set_options(), frame_colorizer_options()}, given);
}

// spec: portrait-frame-processors.md 8.1
TEST(FrameColorizerModels, AreTheReferences) {
  Names names;
  for (const FrameColorizerModel& model : frame_colorizer_models(models::ModelSet::kOfficial)) {
    names.push_back(model.file.name);
    EXPECT_EQ(model.file.release, "models-3.0.0");
    EXPECT_EQ(model.type, model.file.name.starts_with("ddcolor") ? ColorizerType::kDdcolor : ColorizerType::kDeoldify);
  }
  EXPECT_EQ(names, (Names{"ddcolor", "ddcolor_artistic", "deoldify", "deoldify_artistic", "deoldify_stable"}));
}

TEST(FrameColorizerOptions, DefaultsAreTheReferences) {
  const FrameColorizerOptions options = FrameColorizerOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "ddcolor");
  EXPECT_EQ(options.size, (core::Size{256, 256}));
  EXPECT_EQ(options.share, 1);
}

TEST(FrameColorizerOptions, RefusesWhatTheReferenceDoesNotList) {
  for (const auto& [name, value] : {std::pair{"frame-colorizer-model", "ddcolor_2"},
                                    {"frame-colorizer-size", "128x128"},
                                    {"frame-colorizer-blend", "101"}}) {
    test::expect_names(test::message_of(core::ErrorCode::kUsage,
                                        [&] {
                                          values_with({{name, {value}}});
                                        }),
                       {name, value});
  }
}

TEST(FrameColorizerOptions, TheEmbeddedSetHasOneOfItsOwn) {
  const auto options = FrameColorizerOptions::from(values_with({{"model-set", {"embedded"}}}));
  EXPECT_EQ(options.model.file.name, "embedded_frame_colorizer");
  EXPECT_TRUE(models::is_embedded(options.model.file));
  EXPECT_EQ(options.model.type, ColorizerType::kDdcolor);
}

// Networks that give the same colours whatever they see.
class ColouredFrame : public testing::Test {
 protected:
  void write(const std::string& name, const std::vector<float>& planes) {
    std::vector<float> values;
    for (const float value : planes) {
      values.insert(values.end(), 192 * 192, value);
    }
    test::constant_model({"input", {1, 3, "height", "width"}},
                         {test::constant("output", {1, std::int64_t(planes.size()), 192, 192}, values)})
        .write(scratch_ / (name + ".onnx"));
  }
  // The first pixel of a grey frame, coloured.
  std::array<int, 3> coloured(const std::string& name, const std::string& blend) {
    TempFrame temp{core::Image(64, 48, 3), {}};
    for (int y = 0; y < 48; ++y) {
      std::fill_n(temp.frame.row<std::uint8_t>(y), 3 * 64, std::uint8_t{120});
    }
    make_frame_colorizer(values_with({{"frame-colorizer-model", {name}},
                                      {"frame-colorizer-size", {"192x192"}},
                                      {"frame-colorizer-blend", {blend}}}))
        ->open({pool_, store_}, {})
        ->process_frame({}, temp);
    EXPECT_EQ(temp.frame.size(), (core::Size{64, 48}));
    EXPECT_TRUE(temp.mask.empty());
    const auto* pixel = temp.frame.row<std::uint8_t>(0);
    return {pixel[0], pixel[1], pixel[2]};
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
};

// Red by Lab's a alone: red above, green below, and half as far with half the share.
TEST_F(ColouredFrame, TakesLabOfDdcolor) {
  write("ddcolor", {40, 0});
  const auto full = coloured("ddcolor", "100");
  EXPECT_GT(full[2], 160);
  EXPECT_LT(full[1], 110);
  const auto half = coloured("ddcolor", "50");
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(half[c], (full[c] + 120) / 2.0, 0.5);
  }
  EXPECT_EQ(coloured("ddcolor", "0"), (std::array<int, 3>{120, 120, 120}));
}

TEST_F(ColouredFrame, TakesRgbOfDeoldify) {
  write("deoldify", {200, 90, 90});
  const auto red = coloured("deoldify", "100");
  EXPECT_GT(red[2], red[0] + 50);
  write("deoldify", {90, 90, 200});
  pool_.release("frame_colorizer");
  const auto blue = coloured("deoldify", "100");
  EXPECT_GT(blue[0], blue[2] + 50);
}

TEST_F(ColouredFrame, AModelOfTheOtherTypeIsRefused) {
  write("ddcolor", {1, 2, 3});
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { coloured("ddcolor", "100"); }),
                     {"ddcolor", "1x3x192x192", "1x2x192x192"});
}

}  // namespace
}  // namespace facegraph::processors
