#include "ops/blend/blend_pixels.hpp"

#include "ops/blend/blend.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

// Every pair of levels.
TEST(BlendPixels, EqualTheCpuHalf) {
  core::Image below(256, 256, 1);
  core::Image above(256, 256, 1);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      below.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(x);
      above.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(y);
    }
  }
  const bool has_fma = __builtin_cpu_supports("avx2") != 0;
  for (const double share : {0.0, 0.1, 0.3, 0.37, 0.5, 0.77, share_of_percent(80), 1.0, -0.75}) {
    core::Image expected(256, 256, 1);
    blend(expected, below, above, share);
    core::Image out(256, 256, 1);
    run_pixels_on_host(out.size(), BlendPixels{out, below, above, share});
    expect_equal(out, expected, has_fma ? 0 : 1);
  }
}

}  // namespace
}  // namespace facegraph::ops
