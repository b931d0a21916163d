#include "ops/mask/mask_pixels.hpp"

#include <limits>

#include "ops/mask/mask_tables.hpp"
#include "ops/mask/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{128, 96};

// Without AVX2 and FMA, OpenCV sums in another order.
// From -0.5 to 1.5.
core::Image plane(core::Size size, unsigned seed = 7) {
  return noisy_mask(size, -0.5F, seed);
}

void finish_on_host(core::Image& mask) {
  core::Image rows(mask.size(), 1, core::Depth::kF32);
  const GaussianKernel kernel = gaussian_kernel(kFinishSigma);
  run_pixels_on_host(mask.size(), BlurMaskRows<ClippedValues>{rows, {mask}, kernel});
  run_pixels_on_host(mask.size(), BlurMaskColumns{mask, rows, kernel, true});
}

TEST(MaskPixels, FinishEqualsTheCpuHalf) {
  for (const core::Size size : {kSize, core::Size{7, 5}, core::Size{1, 1}}) {
    core::Image mask = plane(size);
    for (int x = 0; x < size.width; ++x) {
      mask.row<float>(size.height / 2)[x] = 0.9F;
    }
    const core::Image expected = finish_mask(mask);
    finish_on_host(mask);
    expect_equal(mask, expected, blur_tolerance());
  }
}

TEST(MaskPixels, OcclusionEqualsTheCpuHalf) {
  const core::Image first = plane({256, 256});
  const core::Image second = plane({64, 48}, 8);
  const std::array<core::ConstImageView, 2> outputs{first, second};
  for (const core::Size size : {kSize, core::Size{256, 256}}) {
    core::Image mask(size, 1, core::Depth::kF32);
    run_pixels_on_host(size, OccluderPixels{mask, first, true});
    run_pixels_on_host(size, OccluderPixels{mask, second, false});
    finish_on_host(mask);
    expect_equal(mask, occlusion_mask(outputs, size), blur_tolerance());
  }
}

TEST(MaskPixels, RegionEqualsTheCpuHalf) {
  constexpr core::Size kParser{64, 64};
  core::Image logits = noise({64, 64 * 19}, 1, core::Depth::kF32);
  for (std::size_t i = 0; i < std::size_t{64} * 64 * 19; ++i) {
    logits.row<float>(0)[i] = std::floor(logits.row<float>(0)[i] / 16);  // many are equal
  }
  const std::array regions{FaceMaskRegion::kSkin,    FaceMaskRegion::kNose,    FaceMaskRegion::kLeftEye,
                           FaceMaskRegion::kMouth,   FaceMaskRegion::kGlasses, FaceMaskRegion::kLowerLip,
                           FaceMaskRegion::kRightEye};
  const auto* values = logits.row<float>(0);
  core::Image map(kParser, 1, core::Depth::kF32);
  run_pixels_on_host(kParser, RegionPixels{map, values, 19, wanted_classes(regions)});
  core::Image mask(kSize, 1, core::Depth::kF32);
  run_pixels_on_host(kSize, OccluderPixels{mask, map, true});
  finish_on_host(mask);
  expect_equal(mask, region_mask(kSize, {values, 64 * 64 * 19}, kParser, regions), blur_tolerance());
}

void expect_area_equals(const core::Landmark68& landmark, std::span<const FaceMaskArea> areas) {
  core::Image rows(kSize, 1, core::Depth::kF32);
  core::Image mask(kSize, 1, core::Depth::kF32);
  const GaussianKernel kernel = gaussian_kernel(kFinishSigma);
  run_pixels_on_host(kSize, BlurMaskRows<AreaValues>{rows, {area_rows(kSize, landmark, areas)}, kernel});
  run_pixels_on_host(kSize, BlurMaskColumns{mask, rows, kernel, true});
  expect_equal(mask, area_mask(kSize, landmark, areas), blur_tolerance());
}

// Faces, specks and scatter; inside the mask, across its borders and far away.
TEST(MaskPixels, AreaEqualsTheCpuHalf) {
  const std::array all{FaceMaskArea::kUpperFace, FaceMaskArea::kLowerFace, FaceMaskArea::kMouth};
  const std::array mouth{FaceMaskArea::kMouth};
  std::mt19937 random(3);
  for (const double spread : {1.0, 6.0, 40.0, 90.0, 300.0, 5000.0}) {
    std::uniform_real_distribution<double> off(-spread, spread);
    for (int turn = 0; turn < 40; ++turn) {
      core::Landmark68 landmark;
      for (core::Point& point : landmark) {
        point = {64 + off(random), 48 + off(random)};
      }
      expect_area_equals(landmark, all);
      expect_area_equals(landmark, mouth);
      if (HasFatalFailure()) {
        FAIL() << "spread " << spread << ", turn " << turn;
      }
    }
  }
}

TEST(MaskPixels, AreaSurvivesBrokenLandmarks) {
  const std::array mouth{FaceMaskArea::kMouth};
  core::Landmark68 landmark;
  landmark.fill({std::nan(""), 3});
  expect_area_equals(landmark, mouth);
  landmark.fill({1e300, -1e300});
  expect_area_equals(landmark, mouth);
  landmark.fill({32, 32});
  expect_area_equals(landmark, mouth);
  landmark[50] = {40, 35};
  expect_area_equals(landmark, mouth);
  landmark[51] = {-1e300, std::numeric_limits<double>::infinity()};
  expect_area_equals(landmark, mouth);
  expect_area_equals(landmark, {});
}

TEST(MaskPixels, CombinedEqualsTheCpuHalf) {
  std::vector<core::Image> masks;
  for (int count = 0; count <= 3; ++count) {
    core::Image out(kSize, 1, core::Depth::kF32);
    CombinePixels program{out, {{}, count}};
    std::copy(masks.begin(), masks.end(), program.in.masks.begin());
    run_pixels_on_host(kSize, program);
    expect_equal(out, combine_masks(std::vector<core::ConstImageView>(masks.begin(), masks.end()), kSize));
    masks.push_back(plane(kSize, static_cast<unsigned>(count)));
    masks.back().row<float>(3)[3] = std::nanf("");
  }
}

TEST(MaskPixels, ShrunkEqualsTheCpuHalf) {
  const core::Image mask = plane(kSize);
  core::Image out(kSize, 1, core::Depth::kF32);
  core::Image rows(kSize, 1, core::Depth::kF32);
  const GaussianKernel kernel = gaussian_kernel(kShrunkSigma);
  const core::ConstImageView view = mask;
  run_pixels_on_host(kSize, ErodePixels{out, {{view}, 1}});
  run_pixels_on_host(kSize, BlurMaskRows<MaskValues>{rows, {out}, kernel});
  run_pixels_on_host(kSize, BlurMaskColumns{out, rows, kernel, false});
  expect_equal(out, shrunk_mask(combine_masks(std::span(&view, 1), kSize)), blur_tolerance());
}

TEST(MaskPixels, QuantisedEqualsTheCpuHalf) {
  core::Image mask = plane(kSize);
  mask.row<float>(2)[2] = std::nanf("");
  core::Image out(kSize, 1);
  run_pixels_on_host(kSize, QuantisePixels{out, mask});
  expect_equal(out, quantised(mask));
}

}  // namespace
}  // namespace facegraph::ops
