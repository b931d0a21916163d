#include "ops/tile/tile_pixels.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr TileShape kShape{32, 6, 3};
constexpr int kScale = 2;

TEST(TilePixels, EqualTheCpuHalfAtEveryTile) {
  const core::Image frame = noise({67, 41}, 3, core::Depth::kU8);
  const ValueTable table = value_table({0.1, 0.2, 0.3}, {0.5, 0.6, 0.7});
  const TileGrid grid(frame.size(), kShape);
  for (int i = 0; i < grid.rows() * grid.columns(); ++i) {
    const Tile tile = grid.tile(i / grid.columns(), i % grid.columns());
    std::vector<float> expected(3 * 32 * 32);
    tile_to_tensor(expected, frame, tile, kShape.side, table);
    std::vector<float> tensor(expected.size());
    run_pixels_on_host({kShape.side, kShape.side}, TileInputPixels{tensor.data(), frame, tile, kShape.side, &table});
    EXPECT_EQ(tensor, expected);

    core::Image result = noise({64, 3 * 64}, 1, core::Depth::kF32, static_cast<unsigned>(i));
    for (int k = 0; k < 3 * 64 * 64; ++k) {
      result.row<float>(0)[k] = result.row<float>(0)[k] / 200 - 0.1F;
    }
    const float* values = result.row<float>(0);
    core::Image core_expected(kScale * tile.width, kScale * tile.height, 3);
    tensor_to_core(core_expected, {values, std::size_t{3} * 64 * 64}, tile, kShape.side, kScale);
    core::Image core(core_expected.size(), 3);
    run_pixels_on_host(core.size(), TileResultPixels{core, core_of(values, tile, kShape.side, kScale), 64});
    expect_equal(core, core_expected);
  }
}

}  // namespace
}  // namespace facegraph::ops
