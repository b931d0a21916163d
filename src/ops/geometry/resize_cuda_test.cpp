#include "ops/geometry/resize_cuda.hpp"

#include <tuple>

#include <fmt/core.h>

#include "core/base/error.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

struct Case {
  core::Size from;
  core::Size to;
};

// Smaller and larger, by whole numbers and not, to and from single pixels, one axis alone.
constexpr std::array<Case, 14> kCases{{{{128, 72}, {64, 36}},
                                       {{211, 97}, {128, 61}},
                                       {{96, 90}, {32, 30}},
                                       {{97, 61}, {211, 130}},
                                       {{40, 30}, {80, 60}},
                                       {{64, 48}, {64, 31}},
                                       {{50, 33}, {31, 66}},
                                       {{1, 1}, {7, 5}},
                                       {{7, 5}, {1, 1}},
                                       {{2, 3}, {5, 4}},
                                       {{147, 98}, {3, 2}},
                                       {{128, 64}, {32, 32}},
                                       {{33, 21}, {33, 21}},
                                       {{640, 1}, {63, 1}}}};

// The tolerances are those of resize_cuda.hpp.
double tolerance_of(const Case& one, core::Depth depth, Interpolation interpolation) {
  if (interpolation == Interpolation::kCubic && one.from != one.to) {
    return depth == core::Depth::kU8 ? 1 : 1e-3;
  }
  const bool is_halved = one.from.width == 2 * one.to.width && one.from.height == 2 * one.to.height;
  return depth == core::Depth::kF32 && is_halved ? 1e-4 : 0;
}

class ResizeCuda : public GpuOps, public testing::WithParamInterface<std::tuple<core::Depth, int, Interpolation>> {};

TEST_P(ResizeCuda, EqualsTheCpuHalf) {
  const auto [depth, channels, interpolation] = GetParam();
  for (const Case& one : kCases) {
    SCOPED_TRACE(fmt::format("{}x{} to {}x{}", one.from.width, one.from.height, one.to.width, one.to.height));
    const core::Image in = noise(one.from, channels, depth);
    core::Image expected(one.to, channels, depth);
    resize(expected, in, interpolation);
    const core::ImageView out = picture(one.to, channels, depth);
    cuda::resize(stream(), out, upload(in), interpolation);
    expect_equal(download(out), expected, tolerance_of(one, depth, interpolation));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ResizeCuda,
                         testing::Combine(testing::Values(core::Depth::kU8, core::Depth::kF32, core::Depth::kF64),
                                          testing::Values(1, 2, 3, 4),
                                          testing::Values(Interpolation::kLinear, Interpolation::kArea,
                                                          Interpolation::kCubic)));

class FitCuda : public GpuOps {};

TEST_F(FitCuda, EqualsTheCpuHalf) {
  for (const core::Size from : {core::Size{211, 97}, {97, 211}, {40, 40}, {100, 50}}) {
    const core::Image in = noise(from, 3, core::Depth::kU8);
    const core::ImageView on_gpu = upload(in);
    for (const core::Size size : {core::Size{64, 64}, {60, 113}, {256, 100}}) {
      SCOPED_TRACE(fmt::format("{}x{} into {}x{}", from.width, from.height, size.width, size.height));
      core::Image contained(size, 3);
      fit_contain(contained, in);
      const core::ImageView whole = picture(size, 3, core::Depth::kU8);
      cuda::fit_contain(stream(), whole, on_gpu);
      expect_equal(download(whole), contained);

      core::Image covering;
      fit_cover(covering, in, size);
      const core::ImageView cut = picture(cover_size(from, size), 3, core::Depth::kU8);
      cuda::fit_cover(stream(), cut, on_gpu, size);
      expect_equal(download(cut), covering);
    }
  }
}

TEST_F(FitCuda, RefusesAnotherSize) {
  const core::ImageView in = picture({20, 10}, 3, core::Depth::kU8);
  EXPECT_THROW(cuda::fit_cover(stream(), picture({4, 5}, 3, core::Depth::kU8), in, {4, 4}), core::Error);
  EXPECT_THROW(cuda::resize(stream(), picture({4, 4}, 1, core::Depth::kU8), in), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
