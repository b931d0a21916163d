#include "ops/blend/blend_cuda.hpp"

#include "ops/blend/blend.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class BlendCuda : public GpuOps {};
class PasteCuda : public GpuOps, public testing::WithParamInterface<core::Depth> {};

TEST_F(BlendCuda, EqualsTheCpuHalf) {
  const core::Image below = noise({211, 97}, 3, core::Depth::kU8);
  const core::Image above = noise({211, 97}, 3, core::Depth::kU8, 8);
  for (const double share : {0.0, 0.1, 0.3, share_of_percent(80), 1.0}) {
    core::Image expected(below.size(), 3);
    blend(expected, below, above, share);
    const core::ImageView out = upload(below);
    cuda::blend(stream(), out, out, upload(above), share);
    expect_equal(download(out), expected, __builtin_cpu_supports("avx2") != 0 ? 0 : 1);
  }
}

TEST_P(PasteCuda, EqualsTheCpuHalf) {
  const core::Image crop = noise({128, 128}, 3, GetParam());
  core::Image mask = noise({128, 128}, 1, core::Depth::kF32, 9);
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 128; ++x) {
      mask.row<float>(y)[x] = x < 20 ? 0 : mask.row<float>(y)[x] / 200;
    }
  }
  for (const core::Affine& matrix : {core::Affine{{0.5, 0.1, -20, -0.1, 0.5, -5}},
                                     core::Affine{{1.1, -0.3, -300, 0.3, 1.1, -200}}, core::Affine{}}) {
    core::Image expected = noise({400, 300}, 3, core::Depth::kU8, 8);
    const core::ImageView frame = upload(expected);
    paste_back(expected, crop, mask, matrix);
    cuda::paste_back(stream(), frame, upload(crop), upload(mask), matrix);
    expect_equal(download(frame), expected);
  }
}

TEST_P(PasteCuda, BoostTilesEqualTheCpuHalf) {
  const core::Image crop = noise({128, 96}, 3, GetParam());
  core::Image expected({64, 48}, 3, GetParam());
  implode_tile(expected, crop, 2, 1, 0);
  const core::ImageView tile = picture(expected.size(), 3, GetParam());
  cuda::implode_tile(stream(), tile, upload(crop), 2, 1, 0);
  expect_equal(download(tile), expected);

  core::Image exploded = core::Image::copy_of(crop);
  const core::Image other = noise({64, 48}, 3, GetParam(), 8);
  const core::ImageView on_gpu = upload(crop);
  explode_tile(exploded, other, 2, 0, 1);
  cuda::explode_tile(stream(), on_gpu, upload(other), 2, 0, 1);
  expect_equal(download(on_gpu), exploded);
}

INSTANTIATE_TEST_SUITE_P(Depths, PasteCuda, testing::Values(core::Depth::kU8, core::Depth::kF32, core::Depth::kF64));

}  // namespace
}  // namespace facegraph::ops
