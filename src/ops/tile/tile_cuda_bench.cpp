// A tile of 128 on its way in, and four times as large on its way out, on a GPU beside the CPU half.
#include <vector>

#include "ops/gpu/bench_support.hpp"
#include "ops/tile/tile_cuda.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{1920, 1080};
constexpr TileShape kShape{128, 8, 4};
constexpr int kScale = 4;
constexpr std::size_t kInput = std::size_t{3} * 128 * 128;
constexpr std::size_t kResult = kInput * kScale * kScale;

Tile inner_tile() {
  return TileGrid(kFrame, kShape).tile(2, 3);
}

void tile_in_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const ValueTable* table = pictures.value(gpu, stream, value_table({0, 0, 0}, {1, 1, 1}));
    const std::span<float> tensor(pictures.values<float>(gpu, kInput), kInput);
    return [=](const device::Stream& order) {
      cuda::tile_to_tensor(order, tensor, frame, inner_tile(), kShape.side, table);
    };
  });
}
BENCHMARK(tile_in_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void tile_in_cpu(benchmark::State& state) {
  const core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  const ValueTable table = value_table({0, 0, 0}, {1, 1, 1});
  std::vector<float> tensor(kInput);
  for (auto _ : state) {
    tile_to_tensor(tensor, frame, inner_tile(), kShape.side, table);
  }
}
BENCHMARK(tile_in_cpu)->Unit(benchmark::kMicrosecond);

void tile_out_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const Tile tile = inner_tile();
    const core::ImageView out = pictures.picture(gpu, {kScale * tile.width, kScale * tile.height}, 3, core::Depth::kU8);
    const std::span<const float> tensor(pictures.values<float>(gpu, kResult), kResult);
    return [=](const device::Stream& order) { cuda::tensor_to_core(order, out, tensor, tile, kShape.side, kScale); };
  });
}
BENCHMARK(tile_out_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void tile_out_cpu(benchmark::State& state) {
  const Tile tile = inner_tile();
  const std::vector<float> tensor(kResult, 0.4F);
  core::Image out(kScale * tile.width, kScale * tile.height, 3);
  for (auto _ : state) {
    tensor_to_core(out, tensor, tile, kShape.side, kScale);
  }
}
BENCHMARK(tile_out_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
