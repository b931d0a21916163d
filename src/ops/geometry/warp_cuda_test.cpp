#include "ops/geometry/warp_cuda.hpp"

#include <tuple>

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class WarpCuda : public GpuOps, public testing::WithParamInterface<std::tuple<core::Depth, int, Border>> {};

// A turned, shrunk look that leaves the picture on two sides.
TEST_P(WarpCuda, EqualsTheCpuHalf) {
  const auto [depth, channels, border] = GetParam();
  const core::Image in = noise({211, 97}, channels, depth);
  const core::Affine matrix{{0.9, -0.4, 31.25, 0.4, 0.9, -20.5}};
  core::Image expected({128, 130}, channels, depth);
  warp_affine(expected, in, matrix, border);

  const core::ImageView on_gpu = upload(in);
  const core::ImageView out = picture(expected.size(), channels, depth);
  cuda::warp_affine(stream(), out, on_gpu, matrix, border);
  expect_equal(download(out), expected);
  const core::ImageView other = picture(expected.size(), channels, depth);
  cuda::warp_affine(stream(), other, on_gpu, upload_value(matrix), border);
  expect_equal(download(other), expected);
}

INSTANTIATE_TEST_SUITE_P(All, WarpCuda,
                         testing::Combine(testing::Values(core::Depth::kU8, core::Depth::kF32, core::Depth::kF64),
                                          testing::Values(1, 2, 3, 4),
                                          testing::Values(Border::kConstant, Border::kReplicate)));

}  // namespace
}  // namespace facegraph::ops
