#include "ops/filter/sharpen.hpp"

#include <gtest/gtest.h>

#include "ops/tensor/tensor.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

TEST(Sharpened, MeetsTheGoldenAsTheNetworksInput) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/deep_swapper.npz");
  const core::Image crop = golden["in_crop"].image();
  std::vector<float> tensor(crop.bytes());
  to_tensor(tensor, sharpened(crop), value_table({0, 0, 0}, {1, 1, 1}), ChannelOrder::kBgr, Layout::kHwc);
  const auto expected = golden["out_tensor@2"].as<float>();
  const std::size_t side = 112;
  ASSERT_EQ(expected.size(), side * side * 3);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t y = i / (side * 3) * 2;
    const std::size_t x = i / 3 % side * 2;
    ASSERT_NEAR(tensor[(y * 224 + x) * 3 + i % 3], expected[i], 1e-7) << y << " " << x;
  }
}

}  // namespace
}  // namespace facegraph::ops
