#include "processors/face_enhancer/face_enhancer.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "processors/face_test_support.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using ops::WarpTemplate;
using Given = std::map<std::string, std::vector<std::string>>;

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), face_enhancer_options()}, given);
}

// spec: face-processors.md 7.1
TEST(EnhancerModels, AreTheReferences) {
  const auto& models = enhancer_models(models::ModelSet::kOfficial);
  const std::vector<std::tuple<const char*, WarpTemplate, int>> rows{
      {"codeformer", WarpTemplate::kFfhq512, 512},
      {"gfpgan_1.2", WarpTemplate::kFfhq512, 512},
      {"gfpgan_1.3", WarpTemplate::kFfhq512, 512},
      {"gfpgan_1.4", WarpTemplate::kFfhq512, 512},
      {"gpen_bfr_256", WarpTemplate::kArcface128, 256},
      {"gpen_bfr_512", WarpTemplate::kFfhq512, 512},
      {"gpen_bfr_1024", WarpTemplate::kFfhq512, 1024},
      {"gpen_bfr_2048", WarpTemplate::kFfhq512, 2048},
      {"restoreformer_plus_plus", WarpTemplate::kFfhq512, 512}};
  ASSERT_EQ(models.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(std::tuple(models[i].file.name, models[i].warp_template, models[i].size),
              std::tuple(std::string(std::get<0>(rows[i])), std::get<1>(rows[i]), std::get<2>(rows[i])));
    EXPECT_EQ(models[i].file.release, "models-3.0.0");
  }
}

TEST(FaceEnhancerOptions, DefaultsAreTheReferences) {
  const FaceEnhancerOptions options = FaceEnhancerOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "gfpgan_1.4");
  EXPECT_EQ(options.blend, 80);
  EXPECT_EQ(options.weight, 0.5);
}

TEST(FaceEnhancerOptions, TheEmbeddedSetHasOneOfItsOwn) {
  const auto options = FaceEnhancerOptions::from(values_with({{"model-set", {"embedded"}}}));
  EXPECT_EQ(options.model.file.name, "embedded_face_enhancer");
  EXPECT_TRUE(models::is_embedded(options.model.file));
  EXPECT_EQ(options.model.warp_template, WarpTemplate::kFfhq512);
  EXPECT_EQ(options.model.size, 512);
}

// spec: face-processors.md 3.3
TEST(FaceEnhancerOptions, TheBoxIsAlwaysThereAndAreasNever) {
  const auto options = FaceEnhancerOptions::from(
      values_with({{"face-mask-types", {"area", "region", "occlusion"}}, {"face-mask-padding", {"10"}}}));
  EXPECT_TRUE(options.masker.box && options.masker.occlusion);
  EXPECT_FALSE(options.masker.area || options.masker.region);
  EXPECT_EQ(options.masker.padding, (std::array{0, 0, 0, 0}));
}

// A network that paints one colour, whatever it sees: RGB -0.6, -0.2, 1, that is 51, 102, 255.
class EnhancerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<float> planes;
    for (const float value : {-0.6F, -0.2F, 1.0F}) {
      planes.insert(planes.end(), 256 * 256, value);
    }
    test::constant_model({"input", {1, 3, 256, 256}}, {test::constant("output", {1, 3, 256, 256}, planes)})
        .write(scratch_ / "gpen_bfr_256.onnx");
  }
  TempFrame enhanced(const std::string& blend, core::Faces faces) {
    TempFrame temp{core::Image(400, 400, 3), {}};
    std::memset(temp.frame.view().data, 100, temp.frame.bytes());
    make_face_enhancer(values_with({{"face-enhancer-model", {"gpen_bfr_256"}}, {"face-enhancer-blend", {blend}}}))
        ->open({pool_, store_}, {})
        ->process_frame({std::move(faces)}, temp);
    return temp;
  }
  static core::Face face() { return face_in_square(WarpTemplate::kArcface128, 100, 100, 200); }
  static std::vector<int> pixel(const TempFrame& temp, int x, int y) {
    const auto* values = temp.frame.row<std::uint8_t>(y) + 3 * x;
    return {values[0], values[1], values[2]};
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
};

TEST_F(EnhancerTest, LaysTheEnhancedFaceOverThePreviousOne) {
  const std::vector<std::pair<const char*, std::vector<int>>> rows{
      {"0", {100, 100, 100}}, {"50", {178, 101, 76}}, {"80", {224, 102, 61}}, {"100", {255, 102, 51}}};
  for (const auto& [blend, expected] : rows) {
    const TempFrame temp = enhanced(blend, {face()});
    const std::vector<int> middle = pixel(temp, 200, 200);
    for (int c = 0; c < 3; ++c) {
      EXPECT_NEAR(middle[c], expected[c], 1) << blend;  // BGR
    }
    for (const auto& [x, y] : {std::pair{50, 50}, std::pair{200, 98}, std::pair{302, 200}}) {
      EXPECT_EQ(pixel(temp, x, y), (std::vector{100, 100, 100})) << blend << " at " << x << " " << y;
    }
  }
}

TEST_F(EnhancerTest, FacesFollowEachOther) {
  const TempFrame temp = enhanced("50", {face(), face()});
  EXPECT_NEAR(pixel(temp, 200, 200)[0], 216, 1);  // 255 at a half of a half
}

TEST_F(EnhancerTest, FacesWithoutASimilarityOrOutsideTheFrameAreSkipped) {
  core::Face broken = face();
  broken.landmarks.five_of_68 = {};
  const TempFrame temp = enhanced("100", {broken, face_in_square(WarpTemplate::kArcface128, 2000, 100, 200)});
  EXPECT_EQ(pixel(temp, 200, 200), (std::vector{100, 100, 100}));
}

}  // namespace
}  // namespace facegraph::processors
