#include "processors/background_remover/background_remover.hpp"

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using Values = std::array<double, 3>;
using Words = std::vector<std::string>;

core::OptionValues values_with(const std::map<std::string, std::vector<std::string>>& given) {
  return test::values_of({models::model_set_options(), background_remover_options()}, given);
}

constexpr Values kZero{0, 0, 0};
constexpr Values kOne{1, 1, 1};
constexpr Values kHalf{0.5, 0.5, 0.5};
constexpr Values kImagenetMean{0.485, 0.456, 0.406};
constexpr Values kImagenetDeviation{0.229, 0.224, 0.225};

struct Row {
  const char* name;
  RemoverType type;
  int side;
  Values mean;
  Values standard_deviation;
  const char* release;
};

// spec: portrait-frame-processors.md 9.1
const std::vector<Row> kRows{
    {"ben_2", RemoverType::kMatte, 1024, kZero, kOne, "3.5.0"},
    {"birefnet_general", RemoverType::kMatte, 1024, kZero, kOne, "3.5.0"},
    {"birefnet_portrait", RemoverType::kMatte, 1024, kZero, kOne, "3.5.0"},
    {"corridor_key_1024", RemoverType::kKeyer, 1024, kImagenetMean, kImagenetDeviation, "3.6.0"},
    {"corridor_key_2048", RemoverType::kKeyer, 2048, kImagenetMean, kImagenetDeviation, "3.6.0"},
    {"isnet_general", RemoverType::kMatte, 1024, kHalf, kOne, "3.5.0"},
    {"modnet", RemoverType::kMatte, 512, kHalf, kHalf, "3.5.0"},
    {"ormbg", RemoverType::kMatte, 1024, kZero, kOne, "3.5.0"},
    {"rmbg_1.4", RemoverType::kMatte, 1024, kHalf, kOne, "3.5.0"},
    {"rmbg_2.0", RemoverType::kMatte, 1024, kImagenetMean, kImagenetDeviation, "3.5.0"},
    {"silueta", RemoverType::kMatte, 320, kImagenetMean, kImagenetDeviation, "3.5.0"},
    {"u2net_cloth", RemoverType::kClasses, 768, kImagenetMean, kImagenetDeviation, "3.5.0"},
    {"u2net_general", RemoverType::kMatte, 320, kImagenetMean, kImagenetDeviation, "3.5.0"},
    {"u2net_human", RemoverType::kMatte, 320, kImagenetMean, kImagenetDeviation, "3.5.0"},
    {"u2netp", RemoverType::kMatte, 320, kImagenetMean, kImagenetDeviation, "3.5.0"},
};

TEST(BackgroundRemoverModels, AreTheReferences) {
  const auto& models = background_remover_models(models::ModelSet::kOfficial);
  ASSERT_EQ(models.size(), kRows.size());
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const Row& row = kRows[i];
    const BackgroundRemoverModel& model = models[i];
    EXPECT_EQ(model.file.name, row.name);
    EXPECT_EQ(model.file.release, std::string("models-") + row.release) << row.name;
    EXPECT_EQ(model.type, row.type) << row.name;
    EXPECT_EQ(model.size, (core::Size{row.side, row.side})) << row.name;
    EXPECT_EQ(model.mean, row.mean) << row.name;
    EXPECT_EQ(model.standard_deviation, row.standard_deviation) << row.name;
  }
}

TEST(BackgroundRemoverOptions, DefaultsAreTheReferences) {
  const BackgroundRemoverOptions options = BackgroundRemoverOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "modnet");
  EXPECT_EQ(options.fill, (ops::Rgba{0, 0, 0, 0}));
  EXPECT_EQ(options.despill, (ops::Rgba{0, 0, 0, 0}));
}

// spec: application.md 2.3
TEST(BackgroundRemoverOptions, ColoursMayBeShortAndWhatIsNoneBecomesZero) {
  for (const auto& [words, expected] : std::vector<std::pair<Words, ops::Rgba>>{{{"7"}, {7, 7, 7, 255}},
                                                                                {{"7", "8"}, {7, 8, 7, 255}},
                                                                                {{"7", "8", "9"}, {7, 8, 9, 255}},
                                                                                {{"7", "8", "9", "10"}, {7, 8, 9, 10}},
                                                                                {{"256", "-1", "red", "1.5"}, {}},
                                                                                {{"green"}, {0, 0, 0, 255}}}) {
    for (const std::string name : {"background-remover-fill-color", "background-remover-despill-color"}) {
      const BackgroundRemoverOptions options = BackgroundRemoverOptions::from(values_with({{name, words}}));
      EXPECT_EQ(name.find("fill") != std::string::npos ? options.fill : options.despill, expected) << words.front();
    }
  }
  test::expect_names(test::message_of(core::ErrorCode::kUsage,
                                      [&] {
                                        values_with({{"background-remover-fill-color", {"1", "2", "3", "4", "5"}}});
                                      }),
                     {"background-remover-fill-color", "4", "5"});
}

TEST(BackgroundRemoverOptions, TheEmbeddedSetHasOneOfItsOwn) {
  const auto options = BackgroundRemoverOptions::from(values_with({{"model-set", {"embedded"}}}));
  EXPECT_EQ(options.model.file.name, "embedded_background_remover");
  EXPECT_TRUE(models::is_embedded(options.model.file));
  EXPECT_EQ(options.model.type, RemoverType::kMatte);
  EXPECT_EQ(options.model.size, (core::Size{512, 512}));
}

// Networks that see a foreground in the left half of every picture.
class LeftHalf : public testing::Test {
 protected:
  static constexpr int kWidth = 60;
  static constexpr int kHeight = 40;

  // One plane of side x side.
  static std::vector<float> plane(int side, float left, float right) {
    std::vector<float> values;
    for (int i = 0; i < side * side; ++i) {
      values.push_back(i % side < side / 2 ? left : right);
    }
    return values;
  }
  void write(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
    test::constant_model({"input", {1, 3, shape.back(), shape.back()}}, {test::constant("output", shape, values)})
        .write(scratch_ / (name + ".onnx"));
  }
  void write_matte() { write("u2netp", {1, 1, 320, 320}, plane(320, 1, 0)); }

  TempFrame processed(const std::string& model, std::map<std::string, std::vector<std::string>> given = {},
                      core::Image mask = {}) {
    TempFrame temp{core::Image(kWidth, kHeight, 3), std::move(mask)};
    for (int y = 0; y < kHeight; ++y) {
      std::fill_n(temp.frame.row<std::uint8_t>(y), 3 * kWidth, std::uint8_t{100});
    }
    given["background-remover-model"] = {model};
    make_background_remover(values_with(given))->open({pool_, store_}, {})->process_frame({}, temp);
    EXPECT_EQ(temp.frame.size(), (core::Size{kWidth, kHeight}));
    EXPECT_EQ(temp.mask.size(), (core::Size{kWidth, kHeight}));
    return temp;
  }
  static std::array<int, 4> pixel(const TempFrame& temp, int x, int y) {
    const auto* bgr = temp.frame.row<std::uint8_t>(y) + 3 * x;
    return {bgr[0], bgr[1], bgr[2], temp.mask.row<std::uint8_t>(y)[x]};
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
};

TEST_F(LeftHalf, StaysAndTheRestBecomesTransparent) {
  write_matte();
  const TempFrame temp = processed("u2netp");
  EXPECT_EQ(pixel(temp, 5, 20), (std::array<int, 4>{100, 100, 100, 255}));
  EXPECT_EQ(pixel(temp, 55, 20), (std::array<int, 4>{100, 100, 100, 0}));
}

TEST_F(LeftHalf, StandsBeforeTheFillColour) {
  write_matte();
  const TempFrame temp = processed("u2netp", {{"background-remover-fill-color", {"10", "20", "30"}}});
  EXPECT_EQ(pixel(temp, 5, 20), (std::array<int, 4>{100, 100, 100, 255}));
  EXPECT_EQ(pixel(temp, 55, 20), (std::array<int, 4>{30, 20, 10, 0}));
}

TEST_F(LeftHalf, OfAFrameWithAMaskKeepsTheDarkerOne) {
  write_matte();
  core::Image mask(kWidth, kHeight, 1);
  for (int y = 0; y < kHeight; ++y) {
    std::fill_n(mask.row<std::uint8_t>(y), kWidth, static_cast<std::uint8_t>(y < 20 ? 0 : 90));
  }
  const TempFrame temp = processed("u2netp", {{"background-remover-fill-color", {"10", "20", "30"}}}, std::move(mask));
  EXPECT_EQ(pixel(temp, 5, 5), (std::array<int, 4>{100, 100, 100, 0}));  // the fill follows the network's own mask
  EXPECT_EQ(pixel(temp, 5, 35), (std::array<int, 4>{100, 100, 100, 90}));
  EXPECT_EQ(pixel(temp, 55, 35), (std::array<int, 4>{30, 20, 10, 0}));
}

TEST_F(LeftHalf, MayBeAClassOfClothes) {
  std::vector<float> scores = plane(768, 0.1F, 0.9F);
  for (const std::vector<float>& more : {plane(768, 0, 0.2F), plane(768, 0.3F, 0.2F), plane(768, 0, 0)}) {
    scores.insert(scores.end(), more.begin(), more.end());
  }
  write("u2net_cloth", {1, 4, 768, 768}, scores);
  const TempFrame temp = processed("u2net_cloth");
  EXPECT_EQ(pixel(temp, 5, 20)[3], 255);
  EXPECT_EQ(pixel(temp, 55, 20)[3], 0);
}

TEST_F(LeftHalf, MayComeWithoutAxesOfOne) {
  write("u2netp", {320, 320}, plane(320, 1, 0));
  EXPECT_EQ(pixel(processed("u2netp"), 55, 20)[3], 0);
}

TEST_F(LeftHalf, AMatteOfAnotherSizeIsRefused) {
  test::constant_model({"input", {1, 3, 320, 320}},
                       {test::constant("output", {1, 1, 320, 160}, std::vector<float>(320 * 160))})
      .write(scratch_ / "u2netp.onnx");
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { processed("u2netp"); }),
                     {"u2netp", "1x1x320x160", "320x320"});
}

TEST_F(LeftHalf, AKeyerWithoutForegroundIsRefused) {
  test::constant_model({"input", {1, 4, 1024, 1024}},
                       {test::constant("output", {1, 1, 1024, 1024}, std::vector<float>(1024 * 1024))})
      .write(scratch_ / "corridor_key_1024.onnx");
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { processed("corridor_key_1024"); }),
                     {"corridor_key_1024", "output 1"});
}

}  // namespace
}  // namespace facegraph::processors
