#include "ops/geometry/warp_pixels.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

template <typename T>
void expect_program_equals_rows(core::Depth depth, int channels, Border border) {
  const core::Image in = noise({211, 97}, channels, depth);
  const core::Affine matrix{{0.9, -0.4, 31.25, 0.4, 0.9, -20.5}};
  core::Image expected({128, 130}, channels, depth);
  warp_affine(expected, in, matrix, border);
  core::Image out({128, 130}, channels, depth);
  run_pixels_on_host(out.size(), WarpPixels<T>{out, {in, &matrix, border}});
  expect_equal(out, expected);
}

TEST(WarpPixels, EqualTheRowsOfTheCpuHalf) {
  for (const int channels : {1, 2, 3, 4}) {
    for (const Border border : {Border::kConstant, Border::kReplicate}) {
      expect_program_equals_rows<std::uint8_t>(core::Depth::kU8, channels, border);
      expect_program_equals_rows<float>(core::Depth::kF32, channels, border);
      expect_program_equals_rows<double>(core::Depth::kF64, channels, border);
    }
  }
}

}  // namespace
}  // namespace facegraph::ops
