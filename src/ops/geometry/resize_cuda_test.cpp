#include "ops/geometry/resize_cuda.hpp"

#include <tuple>

#include "core/base/error.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class ResizeCuda : public GpuOps, public testing::WithParamInterface<std::tuple<core::Depth, int, Interpolation>> {};

// One size each for linear's, area's, the blocks' and the stretching ways.
TEST_P(ResizeCuda, EqualsTheCpuHalf) {
  const auto [depth, channels, interpolation] = GetParam();
  for (const core::Size size : {core::Size{60, 45}, {96, 54}, {64, 36}, {250, 150}, {192, 108}}) {
    const core::Image in = noise({192, 108}, channels, depth);
    core::Image expected(size, channels, depth);
    resize(expected, in, interpolation);
    const core::ImageView out = picture(size, channels, depth);
    cuda::resize(stream(), out, upload(in), interpolation);
    const bool is_cubic = interpolation == Interpolation::kCubic && size != in.size();
    const double cubic = depth == core::Depth::kU8 ? 1 : 1e-3;
    const double other = depth == core::Depth::kF32 && size == core::Size{96, 54} ? 1e-4 : 0;
    expect_equal(download(out), expected, is_cubic ? cubic : other);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ResizeCuda,
    testing::Combine(testing::Values(core::Depth::kU8, core::Depth::kF32, core::Depth::kF64), testing::Values(1, 3),
                     testing::Values(Interpolation::kLinear, Interpolation::kArea, Interpolation::kCubic)));

class FitCuda : public GpuOps {};

TEST_F(FitCuda, EqualsTheCpuHalf) {
  for (const core::Size from : {core::Size{211, 97}, {97, 211}, {100, 50}}) {
    const core::Image in = noise(from, 3, core::Depth::kU8);
    const core::ImageView on_gpu = upload(in);
    const core::Size size{64, 80};
    core::Image contained(size, 3);
    fit_contain(contained, in);
    const core::ImageView out = picture(size, 3, core::Depth::kU8);
    cuda::fit_contain(stream(), out, on_gpu);
    expect_equal(download(out), contained);

    core::Image covering;
    fit_cover(covering, in, size);
    const core::ImageView cut = picture(cover_size(from, size), 3, core::Depth::kU8);
    cuda::fit_cover(stream(), cut, on_gpu, size);
    expect_equal(download(cut), covering);
  }
}

TEST_F(FitCuda, RefusesAnotherSize) {
  const core::ImageView in = picture({20, 10}, 3, core::Depth::kU8);
  EXPECT_THROW(cuda::fit_cover(stream(), picture({4, 5}, 3, core::Depth::kU8), in, {4, 4}), core::Error);
  EXPECT_THROW(cuda::resize(stream(), picture({4, 4}, 1, core::Depth::kU8), in), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
