#include "processors/face_swapper/face_swapper.hpp"

#include <cstring>
#include <set>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

using ops::WarpTemplate;

core::OptionValues values_with(const std::map<std::string, std::vector<std::string>>& given) {
  return test::values_of({analysers::masker_options(), face_swapper_options()}, given);
}

struct Row {
  const char* name;
  SwapperType type;
  WarpTemplate warp_template;
  int size;
  const char* release;
  const char* converter;
  bool signed_output;
};

// spec: face-processors.md 5.1
const std::vector<Row> kRows{
    {"blendswap_256", SwapperType::kBlendswap, WarpTemplate::kFfhq512, 256, "3.0.0", "", false},
    {"ghost_1_256", SwapperType::kGhost, WarpTemplate::kArcface112V1, 256, "3.0.0", "crossface_ghost", true},
    {"ghost_2_256", SwapperType::kGhost, WarpTemplate::kArcface112V1, 256, "3.0.0", "crossface_ghost", true},
    {"ghost_3_256", SwapperType::kGhost, WarpTemplate::kArcface112V1, 256, "3.0.0", "crossface_ghost", true},
    {"hififace_unofficial_256", SwapperType::kHififace, WarpTemplate::kMtcnn512, 256, "3.1.0", "crossface_hififace",
     true},
    {"hyperswap_1a_256", SwapperType::kHyperswap, WarpTemplate::kArcface128, 256, "3.3.0", "", true},
    {"hyperswap_1b_256", SwapperType::kHyperswap, WarpTemplate::kArcface128, 256, "3.3.0", "", true},
    {"hyperswap_1c_256", SwapperType::kHyperswap, WarpTemplate::kArcface128, 256, "3.3.0", "", true},
    {"inswapper_128", SwapperType::kInswapper, WarpTemplate::kArcface128, 128, "3.0.0", "", false},
    {"inswapper_128_fp16", SwapperType::kInswapper, WarpTemplate::kArcface128, 128, "3.0.0", "", false},
    {"simswap_256", SwapperType::kSimswap, WarpTemplate::kArcface112V1, 256, "3.0.0", "crossface_simswap", false},
    {"simswap_unofficial_512", SwapperType::kSimswap, WarpTemplate::kArcface112V1, 512, "3.0.0", "crossface_simswap",
     false},
    {"uniface_256", SwapperType::kUniface, WarpTemplate::kFfhq512, 256, "3.0.0", "", true},
};

TEST(SwapperModels, AreTheReferences) {
  ASSERT_EQ(swapper_models(models::ModelSet::kOfficial).size(), kRows.size());
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const SwapperModel& model = swapper_models(models::ModelSet::kOfficial)[i];
    const Row& row = kRows[i];
    EXPECT_EQ(model.file.name, row.name);
    EXPECT_EQ(model.type, row.type) << row.name;
    EXPECT_EQ(model.warp_template, row.warp_template) << row.name;
    EXPECT_EQ(model.size, row.size) << row.name;
    EXPECT_EQ(model.file.release, std::string("models-") + row.release) << row.name;
    EXPECT_EQ(model.converter ? model.converter->name : "", row.converter) << row.name;
    EXPECT_EQ(model.signed_output(), row.signed_output) << row.name;
    EXPECT_EQ(model.takes_source_picture(), i == 0 || i == 12) << row.name;
  }
}

TEST(SwapperModels, NormaliseAsTheReference) {
  using Triple = std::array<double, 3>;
  for (const SwapperModel& model : swapper_models(models::ModelSet::kOfficial)) {
    const bool imagenet = model.file.name == "simswap_256";
    const bool half = model.signed_output();
    EXPECT_EQ(model.mean, imagenet ? Triple({0.485, 0.456, 0.406})
                          : half   ? Triple({0.5, 0.5, 0.5})
                                   : Triple{})
        << model.file.name;
    EXPECT_EQ(model.standard_deviation, imagenet ? Triple({0.229, 0.224, 0.225})
                                        : half   ? Triple({0.5, 0.5, 0.5})
                                                 : Triple({1, 1, 1}))
        << model.file.name;
  }
}

TEST(SwapperModels, TheEmbeddedSetHasOneOfTheInswapperFamily) {
  const auto values =
      test::values_of({models::model_set_options(), analysers::masker_options(), face_swapper_options()},
                      {{models::kModelSetOption, {"embedded"}}});
  const FaceSwapperOptions options = FaceSwapperOptions::from(values);
  EXPECT_EQ(options.model.file.name, "embedded_swapper_128");
  EXPECT_TRUE(models::is_embedded(options.model.file));
  EXPECT_EQ(options.model.type, SwapperType::kInswapper);
  EXPECT_EQ(options.model.warp_template, WarpTemplate::kArcface128);
  EXPECT_EQ(options.model.size, 128);
  EXPECT_EQ(options.pixel_boost, 128);
  EXPECT_EQ(pixel_boost_choices("embedded_swapper_128"), pixel_boost_choices("inswapper_128"));
  const auto files = make_face_swapper(values)->model_files();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].name, "embedded_occluder");
  EXPECT_EQ(files[1].name, "embedded_parser");
  EXPECT_EQ(files[2].name, "embedded_swapper_128");
}

TEST(SwapperModels, AnUnknownNameIsAnError) {
  test::expect_names(test::message_of(core::ErrorCode::kUsage, [] { swapper_model("swap_9000"); }), {"swap_9000"});
}

TEST(PixelBoost, ChoicesFollowTheModel) {
  using Names = std::vector<std::string>;
  for (const SwapperModel& model : swapper_models(models::ModelSet::kOfficial)) {
    const std::string& name = model.file.name;
    const Names expected = name == "blendswap_256" ? Names{"256x256", "384x384", "512x512", "768x768", "1024x1024"}
                           : name == "simswap_unofficial_512" ? Names{"512x512", "768x768", "1024x1024"}
                           : name.starts_with("inswapper")
                               ? Names{"128x128", "256x256", "384x384", "512x512", "768x768", "1024x1024"}
                               : Names{"256x256", "512x512", "768x768", "1024x1024"};
    EXPECT_EQ(pixel_boost_choices(name), expected) << name;
    EXPECT_EQ(FaceSwapperOptions::from(values_with({{"face-swapper-model", {name}}})).pixel_boost, model.size) << name;
  }
}

TEST(PixelBoost, ThatIsNoMultipleIsRefused) {
  const std::set<std::pair<std::string, std::string>> refused{{"blendswap_256", "384x384"},
                                                              {"simswap_unofficial_512", "768x768"}};
  for (const SwapperModel& model : swapper_models(models::ModelSet::kOfficial)) {
    const std::string& name = model.file.name;
    for (const std::string& boost : pixel_boost_choices(name)) {
      const auto values = values_with({{"face-swapper-model", {name}}, {"face-swapper-pixel-boost", {boost}}});
      if (!refused.contains({name, boost})) {
        EXPECT_EQ(FaceSwapperOptions::from(values).pixel_boost % model.size, 0) << name << " " << boost;
        continue;
      }
      test::expect_names(test::message_of(core::ErrorCode::kRefused, [&] { FaceSwapperOptions::from(values); }),
                         {"face_swapper", boost, name, std::to_string(model.size)});
    }
  }
}

TEST(FaceSwapperOptions, DefaultsAreTheReferences) {
  const FaceSwapperOptions options = FaceSwapperOptions::from(values_with({}));
  EXPECT_EQ(options.model.file.name, "hyperswap_1a_256");
  EXPECT_EQ(options.pixel_boost, 256);
  EXPECT_EQ(options.weight, 0.5);
}

TEST(FaceSwapper, NamesTheConverterOfItsModel) {
  const auto processor = make_face_swapper(values_with({{"face-swapper-model", {"ghost_2_256"}}}));
  std::vector<std::string> names;
  for (const models::ModelFile& file : processor->model_files()) {
    names.push_back(file.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"xseg_1", "bisenet_resnet_34", "ghost_2_256", "crossface_ghost"}));
  const Needs needs = processor->needs();
  EXPECT_TRUE(needs.source_image && needs.source_face && needs.target_faces);
}

// A network that paints one colour, whatever it sees: RGB 0.2, 0.4, 1.0.
class PaintTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<float> planes;
    for (const float value : {0.2F, 0.4F, 1.0F}) {
      planes.insert(planes.end(), 128 * 128, value);
    }
    test::OnnxModel model =
        test::constant_model({"target", {1, 3, 128, 128}}, {test::constant("output", {1, 3, 128, 128}, planes)});
    model.inputs.push_back({"source", {1, 512}});
    model.initializers.push_back(test::constant("map", {512, 512}, std::vector<float>(512 * 512, 1.0F)));
    model.write(scratch_ / "inswapper_128.onnx");
    source_.pictures.push_back({core::Image(8, 8, 3), {face_at(0)}});
  }
  static core::Face face_at(double offset) {
    core::Face face;
    face.landmarks.five_of_68 = ops::warp_template(WarpTemplate::kArcface128);
    for (core::Point& point : face.landmarks.five_of_68) {
      point = {offset + 128 * point.x, offset + 128 * point.y};
    }
    face.embedding[3] = 2;
    face.embedding_norm[3] = 1;
    return face;
  }
  std::unique_ptr<FrameProcessor> open(const std::string& boost) {
    return make_face_swapper(
               values_with({{"face-swapper-model", {"inswapper_128"}}, {"face-swapper-pixel-boost", {boost}}}))
        ->open({pool_, store_}, source_);
  }

  test::Scratch scratch_;
  models::Store store_{scratch_.folder()};
  runtime::InferencePool pool_{runtime::ExecutionOptions{}};
  Sources source_;
};

TEST_F(PaintTest, PaintsTheFaceAndNothingElse) {
  for (const std::string boost : {"128x128", "256x256"}) {
    TempFrame temp{core::Image::zeros(300, 300, 3), {}};
    open(boost)->process_frame({{face_at(100)}}, temp);
    const auto* middle = &temp.frame.row<std::uint8_t>(164)[3 * 164];
    EXPECT_NEAR(middle[0], 255, 1) << boost;  // BGR
    EXPECT_NEAR(middle[1], 102, 1) << boost;
    EXPECT_NEAR(middle[2], 51, 1) << boost;
    for (const auto& [x, y] : {std::pair{50, 50}, std::pair{164, 98}, std::pair{232, 164}}) {
      EXPECT_EQ(temp.frame.row<std::uint8_t>(y)[3 * x], 0) << boost << " at " << x << " " << y;
    }
  }
}

TEST_F(PaintTest, WithoutSelectedFacesTheFrameStays) {
  TempFrame temp{core::Image::zeros(64, 64, 3), {}};
  temp.frame.row<std::uint8_t>(5)[7] = 99;
  const core::Image before = core::Image::copy_of(temp.frame);
  open("128x128")->process_frame({}, temp);
  EXPECT_EQ(std::memcmp(temp.frame.view().data, before.view().data, before.bytes()), 0);
}

TEST_F(PaintTest, AFaceWithoutASimilarityIsSkipped) {
  TempFrame temp{core::Image::zeros(64, 64, 3), {}};
  core::Face face = face_at(0);
  face.landmarks.five_of_68 = {};
  open("128x128")->process_frame({{face}}, temp);
  EXPECT_EQ(temp.frame.row<std::uint8_t>(32)[96], 0);
}

}  // namespace
}  // namespace facegraph::processors
