#include "ops/blend/blend.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

TEST(Blend, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/color.npz");
  const core::Image below = golden["in_source"].image();
  const core::Image above = golden["in_target"].image();
  core::Image mixed(below.size(), 3);
  blend(mixed, below, above, 0.3);
  EXPECT_EQ(test::difference(mixed, golden["out_blend_03"]).max, 0);
  blend(mixed, below, above, share_of_percent(80));
  EXPECT_EQ(test::difference(mixed, golden["out_blend_08"]).max, 0);
}

TEST(Blend, TakesOneOfThePicturesAsItsResult) {
  core::Image below = core::Image::zeros(3, 2, 3);
  core::Image above(3, 2, 3);
  std::fill_n(above.row<std::uint8_t>(0), 18, std::uint8_t{201});
  blend(below, below, above, 0.5);
  EXPECT_EQ(below.row<std::uint8_t>(1)[8], 100);  // 100.5 to even
  blend(below, below, above, share_of_percent(100));
  EXPECT_EQ(below.row<std::uint8_t>(1)[8], 201);
  blend(above, below, above, share_of_percent(0));
  EXPECT_EQ(above.row<std::uint8_t>(0)[0], 201);
}

TEST(Blend, RefusesOtherSizes) {
  core::Image small = core::Image::zeros(3, 2, 3);
  const core::Image large = core::Image::zeros(3, 3, 3);
  EXPECT_THROW(blend(small, small, large, 0.5), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
