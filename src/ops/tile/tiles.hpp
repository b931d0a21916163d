// How a network of a fixed input size walks over a frame and enlarges it. spec: analysis.md 14.4,
// portrait-frame-processors.md 7.3, 7.4.
//
// The frame lies in a black margin of `pad` pixels. Each tile keeps its core, the part without `overlap` pixels at its
// sides; cores abut. Neither a padded frame nor a canvas is made: a tile is read from the frame and its result written
// to the enlarged frame.
#pragma once

#include <span>
#include <vector>

#include "core/types/image.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::ops {

// In pixels of the network's input.
struct TileShape {
  int side = 0;
  int pad = 0;
  int overlap = 0;

  int core() const { return side - 2 * overlap; }
};

struct Tile {
  int x = 0;  // of its first pixel, in the frame; negative in the margin
  int y = 0;
  int left = 0;  // what its core covers of the frame
  int top = 0;
  int width = 0;
  int height = 0;
};

// The tiles whose cores reach the frame, row by row (where a frame ends just so, the reference runs one more row or
// column of black ones, which it then cuts off).
class TileGrid {
 public:
  // Throws Error(kFailed) for a shape without a core.
  TileGrid(core::Size frame, const TileShape& shape);

  int columns() const { return columns_; }
  int rows() const { return rows_; }
  Tile tile(int row, int column) const;
  std::vector<Tile> tiles() const;  // row by row

 private:
  core::Size frame_;
  TileShape shape_;
  int columns_;
  int rows_;
};

// u8 BGR frame -> f32 CHW RGB tile, out.size() = 3 * side * side; black outside the frame.
void tile_to_tensor(std::span<float> out, core::ConstImageView frame, const Tile& tile, int side,
                    const ValueTable& table);

// The network's f32 CHW RGB tile (0..1, scale times as large) -> its core's part of the enlarged u8 BGR frame: * 255,
// clipped, truncated. out: scale * tile.width x scale * tile.height.
void tensor_to_core(core::ImageView out, std::span<const float> in, const Tile& tile, int side, int scale);

}  // namespace facegraph::ops
