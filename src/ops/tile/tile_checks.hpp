// What the operators on tiles ask of their arguments, on the CPU and on a GPU. All throw Error(kFailed).
#pragma once

#include <cstddef>

#include "core/types/image.hpp"
#include "ops/tile/tiles.hpp"

namespace facegraph::ops {

void check_tile_input(std::size_t elements, core::ConstImageView frame, int side);
void check_tile_result(core::ConstImageView out, std::size_t elements, const Tile& tile, int side, int scale);

}  // namespace facegraph::ops
