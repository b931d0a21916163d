#include "analysers/masker/masker.hpp"

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"

namespace facegraph::analysers {
namespace {

using Area = ops::FaceMaskArea;
using Region = ops::FaceMaskRegion;

TEST(MaskerOptions, DefaultsAreTheReferences) {
  const MaskerOptions options = MaskerOptions::from(facegraph::test::values_of({masker_options()}));
  EXPECT_EQ(options.occluder_model, "xseg_1");
  EXPECT_EQ(options.parser_model, "bisenet_resnet_34");
  EXPECT_TRUE(options.box);
  EXPECT_FALSE(options.occlusion || options.area || options.region);
  EXPECT_EQ(options.areas, (std::vector{Area::kUpperFace, Area::kLowerFace, Area::kMouth}));
  EXPECT_EQ(options.regions, (std::vector{Region::kSkin, Region::kLeftEyebrow, Region::kRightEyebrow, Region::kLeftEye,
                                          Region::kRightEye, Region::kGlasses, Region::kNose, Region::kMouth,
                                          Region::kUpperLip, Region::kLowerLip}));
  EXPECT_EQ(options.blur, 0.3);
  EXPECT_EQ(options.padding, (std::array{0, 0, 0, 0}));
}

TEST(MaskerOptions, AreRead) {
  const MaskerOptions options =
      MaskerOptions::from(facegraph::test::values_of({masker_options()}, {{"face-mask-types", {"region", "occlusion"}},
                                                                          {"face-mask-areas", {"mouth", "upper-face"}},
                                                                          {"face-mask-regions", {"nose", "right-eye"}},
                                                                          {"face-mask-blur", {"0.05"}},
                                                                          {"face-mask-padding", {"5", "600", "x"}}}));
  EXPECT_TRUE(options.region && options.occlusion);
  EXPECT_FALSE(options.box || options.area);
  EXPECT_EQ(options.areas, (std::vector{Area::kMouth, Area::kUpperFace}));
  EXPECT_EQ(options.regions, (std::vector{Region::kNose, Region::kRightEye}));
  EXPECT_EQ(options.blur, 0.05);
  EXPECT_EQ(options.padding, (std::array{5, 0, 0, 0}));  // what is no percentage becomes 0
}

TEST(MaskerModels, AreBothKindsAlways) {
  MaskerOptions options;
  EXPECT_EQ(masker_models(options).size(), 2U);
  options.occluder_model = "many";
  options.parser_model = "bisenet_resnet_18";
  std::vector<std::string> names;
  for (const models::ModelFile& file : masker_models(options)) {
    names.push_back(file.name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"xseg_1", "xseg_2", "xseg_3", "bisenet_resnet_18"}));
}

TEST(Masker, OpensOnlyTheModelsOfItsTypes) {
  const test::Models models;  // an empty folder
  Masker masker(models.context, {});
  EXPECT_EQ(masker.box_mask({64, 64}).size(), (core::Size{64, 64}));
  EXPECT_EQ(masker.box_mask({128, 128}).size(), (core::Size{128, 128}));
  MaskerOptions options;
  options.occlusion = true;
  facegraph::test::expect_names(
      facegraph::test::message_of(core::ErrorCode::kFailed, [&] { Masker(models.context, options); }), {"xseg_1"});
}

TEST(Masker, OcclusionIsTheLeastOfAllOccluders) {
  const test::Models models;
  constexpr std::int64_t kSide = 256;
  std::vector<float> left(kSide * kSide);
  for (std::int64_t i = 0; i < kSide * kSide; ++i) {
    left[i] = i % kSide < kSide / 2 ? 1.0F : 0.0F;
  }
  const std::vector<float> all(kSide * kSide, 1.0F);
  models.add("xseg_1", {1, kSide, kSide, 3}, {test::constant("output", {1, kSide, kSide, 1}, all)});
  models.add("xseg_2", {1, kSide, kSide, 3}, {test::constant("output", {1, kSide, kSide, 1}, left)});
  models.add("xseg_3", {1, kSide, kSide, 3}, {test::constant("output", {1, kSide, kSide, 1}, all)});
  MaskerOptions options;
  options.occlusion = true;
  options.occluder_model = "many";
  const device::Picture mask = Masker(models.context, options).occlusion_mask(test::grey(128, 128));
  EXPECT_EQ(mask.size(), (core::Size{128, 128}));
  EXPECT_FLOAT_EQ(mask.row<float>(64)[10], 1);
  EXPECT_FLOAT_EQ(mask.row<float>(64)[117], 0);
}

}  // namespace
}  // namespace facegraph::analysers
