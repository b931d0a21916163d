#include "ops/tile/tiles.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

const ValueTable kPlain = value_table({0, 0, 0}, {1, 1, 1});

std::vector<float> tensor_of(const core::Image& frame, const Tile& tile, int side) {
  std::vector<float> tensor(3 * static_cast<std::size_t>(side) * side);
  tile_to_tensor(tensor, frame, tile, side, kPlain);
  return tensor;
}

// Every pixel of a CHW tile `scale` times in both directions: a network that only enlarges.
std::vector<float> repeated(const std::vector<float>& tile, int side, int scale) {
  const int large = side * scale;
  std::vector<float> out(3 * static_cast<std::size_t>(large) * large);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < large; ++y) {
      for (int x = 0; x < large; ++x) {
        out[(static_cast<std::size_t>(c) * large + y) * large + x] =
            tile[(static_cast<std::size_t>(c) * side + y / scale) * side + x / scale];
      }
    }
  }
  return out;
}

// Of the reference's run count. spec: portrait-frame-processors.md 7.3
int reference_count(int side, const TileShape& shape) {
  return (side + 2 * shape.pad) / shape.core() + 1;
}

struct GoldenTiles {
  core::Image frame;
  TileShape shape;
  int scale = 1;
};

GoldenTiles golden_tiles(const test::Npz& golden, const std::string& number) {
  const auto size = golden["in_size" + number].as<std::int64_t>();
  return {golden["in_frame" + number].image(),
          {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])},
          static_cast<int>(size[3])};
}

TEST(Tiles, AreTheReferences) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/tiles.npz");
  for (const std::string number : {"0", "1", "2", "3"}) {
    const auto [frame, shape, scale] = golden_tiles(golden, number);
    const auto means = golden["out_means" + number].doubles();
    const TileGrid grid(frame.size(), shape);
    const int columns = reference_count(frame.width(), shape);
    const int rows = reference_count(frame.height(), shape);
    ASSERT_EQ(golden["out_count_pad" + number].as<std::int64_t>()[0], rows * columns);
    for (int i = 0; i < rows * columns; ++i) {
      if (i / columns >= grid.rows() || i % columns >= grid.columns()) {
        EXPECT_LE(means[i], 3) << number << ": a tile is left out that holds more than a stripe of the frame";
        continue;
      }
      const std::vector<float> tensor = tensor_of(frame, grid.tile(i / columns, i % columns), shape.side);
      const double mean = std::accumulate(tensor.begin(), tensor.end(), 0.0) * 255 / double(tensor.size());
      EXPECT_NEAR(mean, means[i], 1e-4) << number << ", tile " << i;
    }
    const std::vector<float> first = tensor_of(frame, grid.tile(0, 0), shape.side);
    const auto expected = golden["out_first" + number].as<std::uint8_t>();
    const std::size_t plane = static_cast<std::size_t>(shape.side) * shape.side;
    for (std::size_t i = 0; i < plane; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        ASSERT_FLOAT_EQ(first[(2 - c) * plane + i] * 255, expected[3 * i + c]) << number << ", pixel " << i;
      }
    }
  }
}

TEST(Tiles, MergeToTheFrameEnlarged) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/tiles.npz");
  for (const std::string number : {"0", "1", "2", "3"}) {
    const auto [frame, shape, scale] = golden_tiles(golden, number);
    core::Image merged = core::Image::zeros(frame.width() * scale, frame.height() * scale, 3);
    const TileGrid grid(frame.size(), shape);
    for (int i = 0; i < grid.rows() * grid.columns(); ++i) {
      const Tile tile = grid.tile(i / grid.columns(), i % grid.columns());
      // Truncation must not meet k / 255 * 255 just below k.
      std::vector<float> tensor = repeated(tensor_of(frame, tile, shape.side), shape.side, scale);
      std::transform(tensor.begin(), tensor.end(), tensor.begin(), [](float value) { return value + 0.25F / 255; });
      tensor_to_core(merged.view().crop(scale * tile.left, scale * tile.top, scale * tile.width, scale * tile.height),
                     tensor, tile, shape.side, scale);
    }
    for (int y = 0; y < merged.height(); ++y) {
      for (int x = 0; x < merged.width(); ++x) {
        for (int c = 0; c < 3; ++c) {
          ASSERT_EQ(merged.row<std::uint8_t>(y)[3 * x + c], frame.row<std::uint8_t>(y / scale)[3 * (x / scale) + c])
              << number << " at " << x << " " << y;
        }
      }
    }
  }
}

// spec: portrait-frame-processors.md 7.6 (the last tile where a frame ends just so is not counted)
TEST(Tiles, AreAsManyAsTheFrameNeeds) {
  const auto count = [](core::Size frame, const TileShape& shape) {
    const TileGrid grid(frame, shape);
    return grid.rows() * grid.columns();
  };
  EXPECT_EQ(count({640, 360}, {128, 8, 4}), 24);
  EXPECT_EQ(count({1920, 1080}, {128, 8, 4}), 170);
  EXPECT_EQ(count({1920, 1080}, {256, 16, 8}), 45);
  EXPECT_EQ(count({1920, 1080}, {1024, 64, 32}), 6);
  EXPECT_EQ(count({3840, 2160}, {64, 4, 2}), 2405);
  EXPECT_EQ(count({104, 104}, {128, 8, 4}), 1);
  EXPECT_EQ(count({1, 1}, {1024, 64, 32}), 1);
}

TEST(Tiles, CoverEveryPixelOnce) {
  for (const core::Size frame : {core::Size{1, 1}, {112, 113}, {119, 120}, {121, 352}, {500, 7}}) {
    const TileGrid grid(frame, {128, 8, 4});
    std::vector<int> covered(static_cast<std::size_t>(frame.width) * frame.height);
    for (int i = 0; i < grid.rows() * grid.columns(); ++i) {
      const Tile tile = grid.tile(i / grid.columns(), i % grid.columns());
      ASSERT_GT(tile.width, 0);
      ASSERT_GT(tile.height, 0);
      for (int y = tile.top; y < tile.top + tile.height; ++y) {
        for (int x = tile.left; x < tile.left + tile.width; ++x) {
          ++covered[static_cast<std::size_t>(y) * frame.width + x];
        }
      }
    }
    EXPECT_TRUE(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  }
}

TEST(TensorToCore, ClipsAndTruncates) {
  const Tile tile{0, 0, 0, 0, 2, 1};
  const std::vector<float> planes{0.999F, -0.5F, 0, 0, 1.5F, std::nanf(""), 0, 0, 0.5F, 1, 0, 0};
  core::Image out(2, 1, 3);
  tensor_to_core(out, planes, tile, 2, 1);
  const auto* pixels = out.row<std::uint8_t>(0);
  EXPECT_EQ((std::vector<int>(pixels, pixels + 6)), (std::vector<int>{127, 255, 254, 255, 0, 0}));  // BGR
  EXPECT_THROW(tensor_to_core(out, planes, tile, 3, 1), core::Error);
  EXPECT_THROW(tensor_to_core(out, planes, {0, 0, 0, 0, 1, 1}, 2, 1), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
