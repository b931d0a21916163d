#include "ops/mask/mask.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using test::difference;

core::Image filled(int side, float value) {
  core::Image image(side, side, 1, core::Depth::kF32);
  for (int y = 0; y < side; ++y) {
    std::fill_n(image.row<float>(y), side, value);
  }
  return image;
}

double sum_of(const core::Image& mask) {
  double sum = 0;
  for (int y = 0; y < mask.height(); ++y) {
    sum += std::accumulate(mask.row<float>(y), mask.row<float>(y) + mask.width(), 0.0);
  }
  return sum;
}

// spec: analysis.md B.8
TEST(BoxMask, MeetsTheVectorsOfTheSpec) {
  const core::Image plain = box_mask({256, 256}, 0.3, {});
  const std::array<double, 10> columns{0.051335, 0.098913, 0.247442, 0.479037, 0.718789,
                                       0.887088, 0.967356, 0.993360, 0.999079, 0.999933};
  for (int i = 0; i < 10; ++i) {
    EXPECT_NEAR(plain.row<float>(128)[6 * i], columns[i], 2e-6);
  }
  EXPECT_NEAR(plain.row<float>(0)[0], 0.002635, 2e-6);
  const core::Image padded = box_mask({256, 256}, 0.3, {10, 20, 30, 0});
  const std::array<double, 8> down{0.009826, 0.785203, 1, 1, 1, 0.980016, 0.094000, 0};
  const std::array<double, 8> across{0.051335, 0.922466, 1, 1, 1, 1, 0.906000, 0.019984};
  for (int i = 0; i < 8; ++i) {
    EXPECT_NEAR(padded.row<float>(32 * i)[128], down[i], 2e-6);
    EXPECT_NEAR(padded.row<float>(128)[32 * i], across[i], 2e-6);
  }
  EXPECT_EQ(sum_of(box_mask({256, 256}, 0, {})), 254 * 254);
}

TEST(BoxMask, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/masks.npz");
  EXPECT_LE(difference(box_mask({128, 128}, 0.3, {}), golden["out_box_128_0.3_0_0_0_0"]).max, 1e-6);
  EXPECT_LE(difference(box_mask({256, 256}, 0, {}), golden["out_box_256_0_0_0_0_0@4"], 4).max, 0);
  EXPECT_LE(difference(box_mask({128, 128}, 0.6, {10, 5, 20, 0}), golden["out_box_128_0.6_10_5_20_0"]).max, 1e-6);
  EXPECT_LE(difference(box_mask({112, 112}, 1, {}), golden["out_box_112_1_0_0_0_0"]).max, 1e-6);
  EXPECT_LE(difference(box_mask({96, 96}, 0.05, {30, 30, 30, 30}), golden["out_box_96_0.05_30_30_30_30"]).max, 1e-6);
  EXPECT_LE(difference(box_mask({512, 512}, 0.3, {}), golden["out_box_512_0.3_0_0_0_0@4"], 4).max, 1e-6);
}

TEST(BoxMask, IsEmptyWhenPaddingLeavesNothing) {
  EXPECT_EQ(sum_of(box_mask({64, 64}, 0, {100, 100, 100, 100})), 0);
  EXPECT_EQ(sum_of(box_mask({64, 64}, 0.3, {60, 0, 60, 0})), 0);
  EXPECT_EQ(sum_of(box_mask({1, 1}, 0.3, {})), 0);
}

core::Landmark68 landmark_of(const test::Array& array) {
  const auto values = array.as<double>();
  core::Landmark68 landmark;
  for (std::size_t i = 0; i < 68; ++i) {
    landmark[i] = {values[2 * i], values[2 * i + 1]};
  }
  return landmark;
}

TEST(AreaMask, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/masks.npz");
  const core::Landmark68 landmark = landmark_of(golden["in_crop_landmarks"]);
  constexpr auto kUpper = FaceMaskArea::kUpperFace;
  constexpr auto kLower = FaceMaskArea::kLowerFace;
  constexpr auto kMouth = FaceMaskArea::kMouth;
  const std::vector<std::pair<std::string, std::vector<FaceMaskArea>>> rows{
      {"upper-face", {kUpper}},
      {"lower-face", {kLower}},
      {"mouth", {kMouth}},
      {"upper-face+lower-face+mouth", {kUpper, kLower, kMouth}},
      {"lower-face+mouth", {kLower, kMouth}}};
  for (const auto& [name, areas] : rows) {
    const core::Image mask = area_mask({256, 256}, landmark, areas);
    EXPECT_LE(difference(mask, golden["out_area_" + name + "@2"], 2).max, 1e-5) << name;
  }
}

TEST(AreaMask, SurvivesLandmarksThatAreBrokenOrFarAway) {
  core::Landmark68 landmark;
  landmark.fill({std::nan(""), std::nan("")});
  const std::array areas{FaceMaskArea::kMouth};
  EXPECT_EQ(sum_of(area_mask({64, 64}, landmark, areas)), 0);
  landmark.fill({1e300, -1e300});
  EXPECT_EQ(sum_of(area_mask({64, 64}, landmark, areas)), 0);
  landmark.fill({32, 32});
  landmark[50] = {-1e300, std::numeric_limits<double>::infinity()};
  area_mask({64, 64}, landmark, areas);
  EXPECT_EQ(sum_of(area_mask({64, 64}, landmark, {})), 0);
}

TEST(FinishMask, StretchesTheUpperHalf) {
  EXPECT_EQ(finish_mask(filled(64, 2)).row<float>(30)[30], 1);
  EXPECT_EQ(finish_mask(filled(64, 0.5F)).row<float>(30)[30], 0);
  EXPECT_NEAR(finish_mask(filled(64, 0.75F)).row<float>(30)[30], 0.5, 1e-6);
}

TEST(OcclusionMask, TakesTheMinimumOfAllOccluders) {
  const core::Image free = filled(256, 3);
  const core::Image half = filled(256, 0.75F);
  const std::array<core::ConstImageView, 2> outputs{free, half};
  const core::Image mask = occlusion_mask(outputs, {128, 128});
  EXPECT_EQ(mask.size(), (core::Size{128, 128}));
  EXPECT_NEAR(mask.row<float>(64)[64], 0.5, 1e-6);
  EXPECT_THROW(occlusion_mask({}, {128, 128}), core::Error);
}

TEST(RegionMask, SelectsThePixelsOfTheWantedClasses) {
  // Class 10 (nose) on the left, 18 on the right; class 1 (skin) ties with both but comes first where it does.
  constexpr int kSide = 64;
  constexpr std::size_t kPlane = kSide * kSide;
  std::vector<float> logits(19 * kPlane, 0.0F);
  for (std::size_t i = 0; i < kPlane; ++i) {
    logits[(i % kSide < kSide / 2 ? 10 : 18) * kPlane + i] = 1;
  }
  const auto mask_of = [&](std::vector<FaceMaskRegion> regions) {
    return region_mask({128, 128}, logits, {kSide, kSide}, regions);
  };
  const core::Image nose = mask_of({FaceMaskRegion::kNose});
  EXPECT_EQ(nose.row<float>(64)[10], 1);
  EXPECT_EQ(nose.row<float>(64)[118], 0);
  EXPECT_EQ(sum_of(mask_of({FaceMaskRegion::kSkin})), 0);
  EXPECT_EQ(sum_of(mask_of({})), 0);
  std::fill_n(logits.begin() + kPlane, kPlane, 1.0F);
  EXPECT_EQ(mask_of({FaceMaskRegion::kSkin}).row<float>(64)[10], 1) << "the first maximum decides";
  EXPECT_THROW(region_mask({128, 128}, std::span(logits).first(100), {kSide, kSide}, {}), core::Error);
}

std::vector<core::ConstImageView> views_of(const std::vector<core::Image>& pictures) {
  return {pictures.begin(), pictures.end()};
}

TEST(CombineMasks, TakesTheClippedMinimumOrOnes) {
  std::vector<core::Image> masks;
  EXPECT_EQ(sum_of(combine_masks(views_of(masks), {8, 8})), 64);
  masks.push_back(filled(8, 0.75F));
  masks.push_back(filled(8, 5));
  EXPECT_EQ(sum_of(combine_masks(views_of(masks), {8, 8})), 48);
  masks.push_back(filled(8, -1));
  EXPECT_EQ(sum_of(combine_masks(views_of(masks), {8, 8})), 0);
  masks.push_back(filled(9, 1));
  EXPECT_THROW(combine_masks(views_of(masks), {8, 8}), core::Error);
}

TEST(ShrunkMask, MeetsTheGolden) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/deep_swapper.npz");
  std::vector<core::Image> masks;
  for (const char* name : {"in_source_mask", "in_target_mask"}) {
    const std::vector<double> values = golden[name].doubles();
    masks.emplace_back(224, 224, 1, core::Depth::kF32);
    std::copy(values.begin(), values.end(), masks.back().row<float>(0));
  }
  EXPECT_LE(test::difference(shrunk_mask(combine_masks(views_of(masks), {224, 224})), golden["out_mask@2"], 2).max,
            1e-4);
}

TEST(QuantisedMask, DropsTheFractionAndClips) {
  core::Image mask(6, 1, 1, core::Depth::kF32);
  const std::array<float, 6> values{-0.5F, 0.0F, 0.3999F, 0.99999F, 1.0F, 7.0F};
  std::copy(values.begin(), values.end(), mask.row<float>(0));
  const core::Image out = quantised(mask);
  const auto* row = out.row<std::uint8_t>(0);
  EXPECT_EQ(std::vector<int>(row, row + 6), (std::vector<int>{0, 0, 101, 254, 255, 255}));
}

}  // namespace
}  // namespace facegraph::ops
