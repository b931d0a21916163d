#include "ops/filter/sharpen_pixels.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

TEST(SharpenPixels, EqualTheCpuHalves) {
  const ValueTable table = value_table({0.5, 0.4, 0.3}, {1, 1, 1});
  for (const core::Size size : {core::Size{96, 64}, core::Size{7, 6}, core::Size{5, 3}, core::Size{1, 1}}) {
    const core::Image in = noise(size, 3, core::Depth::kU8);
    core::Image expected(size, 3, core::Depth::kF32);
    core::Image out(size, 3, core::Depth::kF32);
    to_tensor({expected.row<float>(0), in.bytes()}, sharpened(in), table, ChannelOrder::kRgb, Layout::kHwc);
    std::vector<std::uint16_t> rows(in.bytes());
    run_pixels_on_host(size, SharpenRows{rows.data(), in});
    run_pixels_on_host(size,
                       SharpenColumns{out.row<float>(0), in, rows.data(), &table, ChannelOrder::kRgb, Layout::kHwc});
    expect_equal(out, expected, __builtin_cpu_supports("avx2") ? 0 : 1.01 / 255);
  }
}

}  // namespace
}  // namespace facegraph::ops
