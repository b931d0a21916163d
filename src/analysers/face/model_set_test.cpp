// What the model sets make of the analysers' options and files.
#include <gtest/gtest.h>

#include "analysers/content/content_analyser.hpp"
#include "analysers/face/face_analyser.hpp"
#include "analysers/masker/masker.hpp"
#include "analysers/selector/selector.hpp"
#include "support/scratch.hpp"

namespace facegraph::analysers {
namespace {

using Given = std::map<std::string, std::vector<std::string>>;
using Names = std::vector<std::string>;

core::OptionValues values(const std::string& set, Given given = {}) {
  given.insert({models::kModelSetOption, {set}});
  return facegraph::test::values_of(
      {models::model_set_options(), detector_options(), landmarker_options(), selector_options(), masker_options()},
      given);
}

Names names(const std::vector<models::ModelFile>& files) {
  Names result;
  for (const models::ModelFile& file : files) {
    result.push_back(file.name);
  }
  return result;
}

std::string usage_error(const std::string& set, const Given& given) {
  return facegraph::test::message_of(core::ErrorCode::kUsage, [&] { SelectorOptions::from(values(set, given)); });
}

TEST(EmbeddedSet, HasItsOwnFiles) {
  const auto options = FaceAnalyserOptions::from(values("embedded"));
  EXPECT_EQ(names(face_analyser_models(options)),
            (Names{"embedded_classifier", "embedded_detector", "embedded_five_to_68", "embedded_landmarker",
                   "embedded_recognizer"}));
  EXPECT_EQ(names(masker_models(MaskerOptions::from(values("embedded")))),
            (Names{"embedded_occluder", "embedded_parser"}));
  EXPECT_TRUE(content_models(models::ModelSet::kEmbedded).empty());
  for (const models::ModelFile& file : face_analyser_models(options)) {
    EXPECT_TRUE(models::is_embedded(file)) << file.name;
  }
}

TEST(EmbeddedSet, LeavesTheOfficialOneAsItIs) {
  const auto options = FaceAnalyserOptions::from(values("official"));
  EXPECT_EQ(names(face_analyser_models(options)),
            (Names{"fairface", "yoloface_8n", "fan_68_5", "2dfan4", "arcface_w600k_r50"}));
  EXPECT_EQ(names(masker_models(MaskerOptions::from(values("official")))), (Names{"xseg_1", "bisenet_resnet_34"}));
  const auto many = values("official", {{"face-landmarker-model", {"many"}}, {"face-detector-model", {"many"}}});
  EXPECT_EQ(names(landmarker_models(LandmarkerOptions::from(many))), (Names{"fan_68_5", "2dfan4", "peppa_wutz"}));
  EXPECT_EQ(names(detector_models(DetectorOptions::from(many))),
            (Names{"retinaface_10g", "scrfd_2.5g", "yoloface_8n"}));
  const auto peppa = values("official", {{"face-landmarker-model", {"peppa_wutz"}}});
  EXPECT_EQ(names(landmarker_models(LandmarkerOptions::from(peppa))), (Names{"fan_68_5", "peppa_wutz"}));
}

TEST(EmbeddedSet, DetectorHasTheSizesOfItsFamily) {
  EXPECT_EQ(DetectorOptions::from(values("embedded")).size, (core::Size{640, 640}));
  EXPECT_EQ(DetectorOptions::from(values("embedded", {{"face-detector-size", {"320x320"}}})).size,
            (core::Size{320, 320}));
}

TEST(EmbeddedSet, HasTwoLandmarkers) {
  const auto files = [](const std::string& model) {
    return names(landmarker_models(LandmarkerOptions::from(values("embedded", {{"face-landmarker-model", {model}}}))));
  };
  EXPECT_EQ(LandmarkerOptions::from(values("embedded")).model, "embedded_landmarker");
  EXPECT_EQ(files("embedded_landmarker_2"), (Names{"embedded_five_to_68", "embedded_landmarker_2"}));
  EXPECT_EQ(files("many"), (Names{"embedded_five_to_68", "embedded_landmarker", "embedded_landmarker_2"}));
}

TEST(EmbeddedSet, HasAParserOfItsOwn) {
  const auto options = MaskerOptions::from(values("embedded", {{"face-mask-types", {"box", "region"}}}));
  EXPECT_EQ(options.parser_model, "embedded_parser");
  EXPECT_TRUE(options.region);
  facegraph::test::expect_names(usage_error("embedded", {{"face-parser-model", {"bisenet_resnet_18"}}}),
                                {"--face-parser-model", "embedded_parser with --model-set embedded"});
}

}  // namespace
}  // namespace facegraph::analysers
