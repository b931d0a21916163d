#include "ops/tile/tiles.hpp"

#include <algorithm>
#include <array>

#include "core/base/error.hpp"
#include "ops/clones.hpp"
#include "ops/tile/tile_checks.hpp"
#include "ops/tile/tile_formula.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = 3;

FACEGRAPH_CLONES void planes_to_pixels(std::uint8_t* out, const float* red, const float* green, const float* blue,
                                       int count) {
  for (int i = 0; i < count; ++i) {
    out[kChannels * i] = unit_to_byte(blue[i]);
    out[kChannels * i + 1] = unit_to_byte(green[i]);
    out[kChannels * i + 2] = unit_to_byte(red[i]);
  }
}

}  // namespace

TileGrid::TileGrid(core::Size frame, const TileShape& shape) : frame_(frame), shape_(shape) {
  if (shape.core() <= 0 || shape.pad < 0 || shape.overlap < 0 || frame.width < 1 || frame.height < 1) {
    core::fail(core::ErrorCode::kFailed, "tiles: frame {}x{} in tiles of {} with pad {} and overlap {} cannot be done",
               frame.width, frame.height, shape.side, shape.pad, shape.overlap);
  }
  const auto tiles_on = [&](int side) { return (side + shape.pad + shape.core() - 1) / shape.core(); };
  columns_ = tiles_on(frame.width);
  rows_ = tiles_on(frame.height);
}

Tile TileGrid::tile(int row, int column) const {
  const int core = shape_.core();
  const int core_x = column * core - shape_.pad;
  const int core_y = row * core - shape_.pad;
  Tile tile;
  tile.x = core_x - shape_.overlap;
  tile.y = core_y - shape_.overlap;
  tile.left = std::max(core_x, 0);
  tile.top = std::max(core_y, 0);
  tile.width = std::min(core_x + core, frame_.width) - tile.left;
  tile.height = std::min(core_y + core, frame_.height) - tile.top;
  return tile;
}

std::vector<Tile> TileGrid::tiles() const {
  std::vector<Tile> tiles;
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      tiles.push_back(tile(row, column));
    }
  }
  return tiles;
}

void tile_to_tensor(std::span<float> out, core::ConstImageView frame, const Tile& tile, int side,
                    const ValueTable& table) {
  check_tile_input(out.size(), frame, side);
  const int first = std::clamp(-tile.x, 0, side);  // columns of the tile that lie in the frame
  const int last = std::clamp(frame.width - tile.x, first, side);
  float* to = out.data();
  for (int channel = 0; channel < kChannels; ++channel) {
    const std::array<float, 256>& values = table[channel];
    for (int y = tile.y; y < tile.y + side; ++y, to += side) {
      if (y < 0 || y >= frame.height || first == last) {
        std::fill_n(to, side, values[0]);
        continue;
      }
      const auto* from = frame.row<std::uint8_t>(y) + kChannels * (tile.x + first) + (2 - channel);
      std::fill_n(to, first, values[0]);
      for (int x = first; x < last; ++x, from += kChannels) {
        to[x] = values[*from];
      }
      std::fill_n(to + last, side - last, values[0]);
    }
  }
}

void tensor_to_core(core::ImageView out, std::span<const float> in, const Tile& tile, int side, int scale) {
  const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(side) * scale;
  check_tile_result(out, in.size(), tile, side, scale);
  const float* red =
      in.data() + scale * (tile.top - tile.y) * stride + static_cast<std::ptrdiff_t>(scale) * (tile.left - tile.x);
  const std::ptrdiff_t plane = stride * stride;
  for (int y = 0; y < out.height; ++y, red += stride) {
    planes_to_pixels(out.row<std::uint8_t>(y), red, red + plane, red + 2 * plane, out.width);
  }
}

}  // namespace facegraph::ops
