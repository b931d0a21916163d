#include "ops/mask/mask_cuda.hpp"

#include <array>

#include "ops/mask/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{128, 128};
constexpr core::Size kNetwork{256, 256};

class MaskCuda : public GpuOps {
 protected:
  void SetUp() override {
    GpuOps::SetUp();
    if (!IsSkipped()) {
      out_ = picture(kSize, 1, core::Depth::kF32);
      rows_ = picture(kSize, 1, core::Depth::kF32);
    }
  }
  void expect_mask(const core::Image& expected, double tolerance = 0) {
    expect_equal(download(out_), expected, std::max(tolerance, blur_tolerance()));
  }

  core::ImageView out_;
  core::ImageView rows_;
};

core::Image plane(core::Size size, unsigned seed = 7) {
  return noisy_mask(size, -0.2F, seed);
}

TEST_F(MaskCuda, FinishEqualsTheCpuHalf) {
  const core::Image mask = plane(kSize);
  cuda::finish_mask(stream(), out_, rows_, upload(mask));
  expect_mask(finish_mask(mask));
}

TEST_F(MaskCuda, OcclusionMeetsTheCpuHalf) {
  const core::Image first = plane(kNetwork);
  const core::Image second = plane(kNetwork, 8);
  const std::array<core::ConstImageView, 2> outputs{first, second};
  const std::array<core::ConstImageView, 2> on_gpu{upload(first), upload(second)};
  cuda::occlusion_mask(stream(), out_, rows_, on_gpu);
  expect_mask(occlusion_mask(outputs, kSize), 1e-6);
}

TEST_F(MaskCuda, AreaEqualsTheCpuHalf) {
  const std::array areas{FaceMaskArea::kUpperFace, FaceMaskArea::kMouth};
  std::mt19937 random(3);
  for (const double spread : {6.0, 40.0, 90.0, 300.0}) {
    std::uniform_real_distribution<double> off(-spread, spread);
    core::Landmark68 landmark;
    for (core::Point& point : landmark) {
      point = {64 + off(random), 64 + off(random)};
    }
    cuda::area_mask(stream(), out_, rows_, landmark, areas);
    expect_mask(area_mask(kSize, landmark, areas));
  }
}

TEST_F(MaskCuda, RegionMeetsTheCpuHalf) {
  const core::Image logits = noise({256, 256 * 19}, 1, core::Depth::kF32);
  const std::array regions{FaceMaskRegion::kSkin, FaceMaskRegion::kNose, FaceMaskRegion::kMouth};
  constexpr std::size_t kCount = std::size_t{256} * 256 * 19;
  const core::ImageView on_gpu = upload(logits);
  cuda::region_mask(stream(), out_, rows_, picture(kNetwork, 1, core::Depth::kF32),
                    reinterpret_cast<const float*>(on_gpu.data), kCount, regions);
  expect_mask(region_mask(kSize, {logits.row<float>(0), kCount}, kNetwork, regions), 1e-6);
}

TEST_F(MaskCuda, CombinedEqualsTheCpuHalf) {
  std::vector<core::Image> masks;
  masks.push_back(plane(kSize));
  masks.push_back(plane(kSize, 8));
  const std::array<core::ConstImageView, 2> on_gpu{upload(masks[0]), upload(masks[1])};
  cuda::combine_masks(stream(), out_, on_gpu);
  expect_equal(download(out_), combine_masks(std::vector<core::ConstImageView>(masks.begin(), masks.end()), kSize));
}

TEST_F(MaskCuda, QuantisedEqualsTheCpuHalf) {
  const core::Image mask = plane(kSize);
  const core::ImageView out = picture(kSize, 1, core::Depth::kU8);
  cuda::quantised(stream(), out, upload(mask));
  expect_equal(download(out), quantised(mask));
}

}  // namespace
}  // namespace facegraph::ops
