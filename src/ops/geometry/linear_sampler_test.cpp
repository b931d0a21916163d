#include "ops/geometry/linear_sampler.hpp"

#include <limits>

#include "ops/geometry/warp.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kIn{96, 64};

class LinearSamplerTo : public testing::TestWithParam<core::Size> {};

TEST_P(LinearSamplerTo, GivesWhatOpencvGives) {
  for (const int channels : {1, 3}) {
    for (const core::Depth depth : {core::Depth::kU8, core::Depth::kF32}) {
      core::Image in = noise(kIn, channels, depth);
      if (depth == core::Depth::kF32 && GetParam() == kIn) {
        in.row<float>(5)[7] = 1e38F;  // what is no neighbour must not show
        in.row<float>(5)[8] = std::numeric_limits<float>::infinity();
      }
      core::Image expected(GetParam(), channels, depth);
      resize(expected, in);
      core::Image out(GetParam(), channels, depth);
      const core::ConstImageView from = in;
      const core::ImageView to = out;
      run_pixels_on_host(GetParam(), [&](int x, int y) {
        const LinearSampler sampler(x, y, kIn, GetParam());
        for (int c = 0; c < channels; ++c) {
          if (depth == core::Depth::kU8) {
            pixel_at<std::uint8_t>(to, x, y)[c] =
                sampler.at_u8([&](int i, int j) { return pixel_at<std::uint8_t>(from, i, j)[c]; });
          } else {
            pixel_at<float>(to, x, y)[c] = sampler.at([&](int i, int j) { return pixel_at<float>(from, i, j)[c]; });
          }
        }
      });
      const bool is_average = depth == core::Depth::kF32 && GetParam() == core::Size{48, 32};
      expect_equal(out, expected, is_average ? 256.0 / (1 << 23) : 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, LinearSamplerTo,
                         testing::Values(kIn, core::Size{48, 32}, core::Size{192, 128}, core::Size{131, 17},
                                         core::Size{7, 201}, core::Size{48, 33}, core::Size{1, 1}, core::Size{95, 63}));

}  // namespace
}  // namespace facegraph::ops
