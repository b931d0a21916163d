// A tile of 128 on its way in, and four times as large on its way out.
#include <vector>

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>

#include "ops/opencv.hpp"
#include "ops/tile/tiles.hpp"

namespace facegraph::ops {
namespace {

constexpr TileShape kShape{128, 8, 4};
constexpr int kScale = 4;

core::Image noise(core::Size size) {
  core::Image image(size, 3);
  cv::Mat pixels = as_mat(image.view());
  cv::randu(pixels, 0, 255);
  return image;
}

void tile_in(benchmark::State& state) {
  const core::Image frame = noise({1280, 720});
  const ValueTable table = value_table({0, 0, 0}, {1, 1, 1});
  const Tile tile = TileGrid(frame.size(), kShape).tile(2, 3);
  std::vector<float> tensor(3 * kShape.side * kShape.side);
  for (auto _ : state) {
    tile_to_tensor(tensor, frame, tile, kShape.side, table);
  }
}
BENCHMARK(tile_in)->Unit(benchmark::kMicrosecond);

void tile_out(benchmark::State& state) {
  const Tile tile = TileGrid({1280, 720}, kShape).tile(2, 3);
  const int side = kScale * kShape.side;
  const std::vector<float> tensor(3 * static_cast<std::size_t>(side) * side, 0.4F);
  core::Image out(kScale * tile.width, kScale * tile.height, 3);
  for (auto _ : state) {
    tensor_to_core(out, tensor, tile, kShape.side, kScale);
  }
}
BENCHMARK(tile_out)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
