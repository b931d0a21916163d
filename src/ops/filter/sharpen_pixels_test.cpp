#include "ops/filter/sharpen_pixels.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

TEST(SharpenPixels, EqualTheCpuHalf) {
  for (const core::Size size : {core::Size{96, 64}, core::Size{5, 3}, core::Size{1, 1}}) {
    const core::Image in = noise(size, 3, core::Depth::kU8);
    core::Image out(size, 3);
    std::vector<std::uint16_t> rows(in.bytes());
    run_pixels_on_host(size, SharpenRows{rows.data(), in});
    run_pixels_on_host(size, SharpenColumns{out, in, rows.data()});
    expect_equal(out, sharpened(in), __builtin_cpu_supports("avx2") ? 0 : 1);
  }
}

}  // namespace
}  // namespace facegraph::ops
