#include "ops/tile/tile_cuda.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class TileCuda : public GpuOps {};

TEST_F(TileCuda, EqualsTheCpuHalfAtEveryTile) {
  constexpr TileShape kShape{128, 8, 4};
  constexpr std::size_t kInput = std::size_t{3} * 128 * 128;
  constexpr std::size_t kResult = std::size_t{3} * 256 * 256;
  const core::Image frame = noise({301, 150}, 3, core::Depth::kU8);
  const ValueTable table = value_table({0.1, 0.2, 0.3}, {0.5, 0.6, 0.7});
  const core::ImageView frame_on_gpu = upload(frame);
  const ValueTable* table_on_gpu = upload_value(table);
  std::vector<float> result(kResult);
  for (std::size_t i = 0; i < kResult; ++i) {
    result[i] = static_cast<float>(i % 1009) / 800 - 0.1F;
  }
  const float* result_on_gpu = upload_values<float>(result);
  auto* tensor = static_cast<float*>(take(kInput * sizeof(float)));
  const TileGrid grid(frame.size(), kShape);
  for (int i = 0; i < grid.rows() * grid.columns(); ++i) {
    const Tile tile = grid.tile(i / grid.columns(), i % grid.columns());
    std::vector<float> expected(kInput);
    tile_to_tensor(expected, frame, tile, kShape.side, table);
    cuda::tile_to_tensor(stream(), {tensor, kInput}, frame_on_gpu, tile, kShape.side, table_on_gpu);
    EXPECT_EQ(download_values(tensor, kInput), expected);

    core::Image core_expected(2 * tile.width, 2 * tile.height, 3);
    tensor_to_core(core_expected, result, tile, kShape.side, 2);
    const core::ImageView core = picture(core_expected.size(), 3, core::Depth::kU8);
    cuda::tensor_to_core(stream(), core, {result_on_gpu, kResult}, tile, kShape.side, 2);
    expect_equal(download(core), core_expected);
  }
}

}  // namespace
}  // namespace facegraph::ops
