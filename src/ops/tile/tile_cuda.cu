#include "ops/gpu/launch.cuh"
#include "ops/tile/tile_checks.hpp"
#include "ops/tile/tile_cuda.hpp"
#include "ops/tile/tile_pixels.hpp"

namespace facegraph::ops::cuda {

void tile_to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, const Tile& tile,
                    int side, const ValueTable* table) {
  check_tile_input(out.size(), frame, side);
  for_each_pixel(stream, "tile_to_tensor", {side, side}, TileInputPixels{out.data(), frame, tile, side, table});
}

void tensor_to_core(const device::Stream& stream, core::ImageView out, std::span<const float> in, const Tile& tile,
                    int side, int scale) {
  check_tile_result(out, in.size(), tile, side, scale);
  for_each_pixel(stream, "tensor_to_core", out.size(),
                 TileResultPixels{out, core_of(in.data(), tile, side, scale), side * scale});
}

}  // namespace facegraph::ops::cuda
