// Twins of tiles.hpp that a GPU runs: pictures, tensors, and what is passed by pointer, lie in its memory. They enqueue
// and return; sizes, layouts and results are those of the CPU half. Errors as of device::Gpu and of the CPU half.
#pragma once

#include <span>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/tile/tiles.hpp"

namespace facegraph::ops::cuda {

// Both equal to the CPU half bit by bit.
void tile_to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, const Tile& tile,
                    int side, const ValueTable* table);
void tensor_to_core(const device::Stream& stream, core::ImageView out, std::span<const float> in, const Tile& tile,
                    int side, int scale);

}  // namespace facegraph::ops::cuda
