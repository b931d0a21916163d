#include "processors/deep_swapper/deep_swapper.hpp"

#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "models/store/store.hpp"
#include "processors/face_test_support.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using core::ErrorCode;
using Given = std::map<std::string, std::vector<std::string>>;
using Names = std::vector<std::string>;

constexpr const char* kFolderVariable = "FACEGRAPH_MODELS_PATH";

core::OptionValues values_with(const Given& given) {
  return test::values_of({models::model_set_options(), analysers::masker_options(), deep_swapper_options()}, given);
}

void put(const test::Scratch& scratch, const std::string& path) {
  std::filesystem::create_directories((scratch / path).parent_path());
  scratch.write(path, "model");
}

TEST(DeepSwapperNames, AreTheDfmFilesOfTheScopes) {
  const test::Scratch scratch;
  for (const char* path :
       {"me/older_224.dfm", "custom/b.dfm", "custom/a_2.dfm", "custom/a_2.hash", "custom/.hidden.dfm",
        "custom/__old.dfm", "top.dfm", "xseg_1.onnx", ".cache/c.dfm", "deep/er/d.dfm"}) {
    put(scratch, path);
  }
  EXPECT_EQ(deep_swapper_names(scratch.folder()), (Names{"custom/a_2", "custom/b", "me/older_224"}));
  EXPECT_EQ(deep_swapper_names(scratch / "nowhere"), Names{});
}

TEST(DeepSwapperModel, OnlyCustomOnesMayDoWithoutHash) {
  const test::Scratch scratch;
  put(scratch, "me/older_224.dfm");
  put(scratch, "custom/b.dfm");
  const models::ModelFile scoped = deep_swapper_model("me/older_224", scratch.folder());
  const models::ModelFile custom = deep_swapper_model("custom/b", scratch.folder());
  EXPECT_EQ(scoped.file_name(), "me/older_224.dfm");
  EXPECT_TRUE(models::is_users(scoped) && models::is_users(custom));
  const models::Store store(scratch.folder());
  EXPECT_EQ(store.path(scoped), scratch / "me/older_224.dfm");
  const std::vector<models::ModelFile> files{custom};
  EXPECT_TRUE(store.defects(files).empty());
  const auto defect = [&](const models::ModelFile& file) { return store.defects(std::vector{file}).at(0).text; };
  EXPECT_EQ(defect(scoped), "older_224.hash is missing");
  scratch.write("custom/b.hash", "00000000");
  test::expect_names(defect(custom), {"b.dfm is broken"});
}

// Nobody's face is the default, and what is missing may be put there by who has the right to.
TEST(DeepSwapperModel, ThatIsNotThereOrNotNamedIsAUsageErrorWithAdvice) {
  const test::Scratch scratch;
  put(scratch, "me/older_224.dfm");
  const test::ScopedVariable folder(kFolderVariable, scratch.folder().string());
  const auto error = [](const Given& given) {
    return test::message_of(ErrorCode::kUsage, [&] { make_deep_swapper(values_with(given)); });
  };
  const Names advice{"deep_swapper", scratch.folder().string(), "right to use", "--deep-swapper-model SCOPE/NAME",
                     "found there: me/older_224"};
  test::expect_names(error({}), advice);
  for (const char* name : {"me/older_22", "older_224", "me/../me/older_224", "/etc/passwd", "me/older_224.dfm"}) {
    const std::string message = error({{"deep-swapper-model", {name}}});
    test::expect_names(message, advice);
    test::expect_names(message, {name});
  }
  test::expect_names(error({{"deep-swapper-model", {"me/older_22"}}}), {"did you mean 'me/older_224'"});
  EXPECT_EQ(make_deep_swapper(values_with({{"deep-swapper-model", {"me/older_224"}}}))->model_files().back().name,
            "me/older_224");
}

TEST(DeepSwapperOptions, TheBoxIsAlwaysThereWithItsPadding) {
  const test::Scratch scratch;
  put(scratch, "custom/b.dfm");
  const test::ScopedVariable folder(kFolderVariable, scratch.folder().string());
  const auto options = DeepSwapperOptions::from(
      values_with({{"deep-swapper-model", {"custom/b"}}, {"face-mask-types", {"area"}}, {"face-mask-padding", {"7"}}}));
  EXPECT_TRUE(options.masker.box && options.masker.area);
  EXPECT_EQ(options.masker.padding[2], 7);
  EXPECT_EQ(options.morph, 100);
}

constexpr int kSide = 64;

std::vector<float> same(int count, float value) {
  return std::vector<float>(static_cast<std::size_t>(count), value);
}

// Gives the same face and masks whatever it sees.
test::OnnxModel face_model(const std::vector<float>& target_mask, const std::vector<float>& source_mask) {
  return test::constant_model({"in_face:0", {"batch", kSide, kSide, 3}},
                              {test::constant("target", {1, kSide, kSide, 1}, target_mask),
                               test::constant("face", {1, kSide, kSide, 3}, same(kSide * kSide * 3, 0.5F)),
                               test::constant("source", {1, kSide, kSide, 1}, source_mask)});
}

class DeepSwapperTest : public testing::Test {
 protected:
  DeepSwapperTest() { std::filesystem::create_directory(scratch_ / "custom"); }

  std::unique_ptr<FrameProcessor> open(const test::OnnxModel& model) {
    model.write(scratch_ / "custom/face.dfm");
    pool_.release("deep_swapper");
    return make_deep_swapper(values_with({{"deep-swapper-model", {"custom/face"}}}))->open({pool_, store_}, {});
  }
  std::string error_of(const test::OnnxModel& model) {
    return test::message_of(ErrorCode::kFailed, [&] { open(model); });
  }
  // Grey stripes, so that the face differs from the frame in detail that colour matching leaves.
  static TempFrame striped() {
    TempFrame temp{core::Image(300, 300, 3), {}};
    for (int y = 0; y < 300; ++y) {
      for (int x = 0; x < 900; ++x) {
        temp.frame.row<std::uint8_t>(y)[x] = x / 9 % 2 == 0 ? 90 : 160;
      }
    }
    return temp;
  }
  // How much of the stripes is left around a pixel.
  static int contrast(const TempFrame& temp, int x, int y) {
    const auto* row = temp.frame.row<std::uint8_t>(y) + 3 * x;
    const auto [low, high] = std::minmax_element(row, row + 60);
    return *high - *low;
  }

  test::Scratch scratch_;
  test::ScopedVariable folder_{kFolderVariable, scratch_.folder().string()};
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
  core::Face face_ = face_in_square(ops::WarpTemplate::kDflWholeFace, 50, 50, 200);
};

TEST_F(DeepSwapperTest, PutsTheFaceInWhereBothMasksAre) {
  const auto all = same(kSide * kSide, 1);
  auto left = all;
  for (int i = 0; i < kSide * kSide; ++i) {
    left[static_cast<std::size_t>(i)] = i % kSide < kSide / 2 ? 1.0F : 0.0F;
  }
  for (const auto& [target, source] : {std::pair{all, left}, {left, all}}) {
    TempFrame temp = striped();
    open(face_model(target, source))->process_frame({{face_}}, temp);
    EXPECT_LT(contrast(temp, 85, 150), 50);
    EXPECT_GE(contrast(temp, 200, 150), 68);  // the masks are soft
    EXPECT_EQ(contrast(temp, 20, 20), 70);
  }
}

TEST_F(DeepSwapperTest, FeedsTheMorphToModelsThatTakeIt) {
  test::OnnxModel model = face_model(same(kSide * kSide, 1), same(kSide * kSide, 1));
  model.inputs.push_back({"morph_value:0", {1}});
  TempFrame temp = striped();
  open(model)->process_frame({{face_}}, temp);
  EXPECT_LT(contrast(temp, 120, 150), 50);
}

TEST_F(DeepSwapperTest, OtherModelsAreRefusedWithTheirName) {
  const auto ones = same(kSide * kSide, 1);
  test::OnnxModel other = face_model(ones, ones);
  other.inputs.front().name = "input";
  test::expect_names(error_of(other), {"custom/face", "in_face:0"});
  test::OnnxModel oblong = face_model(ones, ones);
  oblong.inputs.front().shape = {"batch", 64, 32, 3};
  test::expect_names(error_of(oblong), {"custom/face", "square"});
  test::OnnxModel open_size = face_model(ones, ones);
  open_size.inputs.front().shape = {"batch", "height", "width", 3};
  test::expect_names(error_of(open_size), {"custom/face", "fixed size"});
  test::OnnxModel two =
      test::constant_model({"in_face:0", {"batch", kSide, kSide, 3}},
                           {test::constant("mask", {1, kSide, kSide, 1}, ones),
                            test::constant("face", {1, kSide, kSide, 3}, same(kSide * kSide * 3, 1))});
  test::expect_names(error_of(two), {"custom/face", "2 outputs"});
}

}  // namespace
}  // namespace facegraph::processors
