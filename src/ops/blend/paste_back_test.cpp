#include "ops/blend/paste_back.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/geometry/warp.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using test::difference;

core::Affine affine_of(const test::Array& array) {
  core::Affine matrix;
  std::copy_n(array.as<double>().begin(), 6, matrix.m.begin());
  return matrix;
}

core::Image filled(core::Size size, int channels, core::Depth depth, double value) {
  core::Image image(size, channels, depth);
  for (int y = 0; y < size.height; ++y) {
    for (int i = 0; i < size.width * channels; ++i) {
      switch (depth) {
        case core::Depth::kU8:
          image.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(value);
          break;
        case core::Depth::kF32:
          image.row<float>(y)[i] = static_cast<float>(value);
          break;
        case core::Depth::kF64:
          image.row<double>(y)[i] = value;
          break;
      }
    }
  }
  return image;
}

void expect_entries(const core::Affine& matrix, const std::array<double, 6>& expected, double tolerance) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(matrix.m[i], expected[i], tolerance) << "entry " << i;
  }
}

// spec: analysis.md B.7
TEST(PasteArea, MeetsTheVectorsOfTheSpec) {
  const PasteArea turned = paste_area({1280, 720}, {256, 256}, {{0.83, -0.21, 13.37, 0.21, 0.83, -5.5}});
  EXPECT_EQ((std::array{turned.x1, turned.y1, turned.x2, turned.y2}), (std::array{0, 0, 350, 300}));
  expect_entries(turned.matrix, {1.132332879, 0.286493861, -13.563574352, -0.286493861, 1.132332879, 10.058253752},
                 1e-9);
  const PasteArea straight = paste_area({1280, 720}, {256, 256}, {{0.8, 0, -100.3, 0, 0.8, -60.2}});
  EXPECT_EQ((std::array{straight.x1, straight.y1, straight.x2, straight.y2}), (std::array{125, 75, 445, 395}));
  EXPECT_NEAR(straight.matrix.m[2], 0.375, 1e-9);
  EXPECT_NEAR(straight.matrix.m[5], 0.25, 1e-9);
}

TEST(PasteArea, IsEmptyOutsideTheFrameAndForBrokenMatrices) {
  EXPECT_TRUE(paste_area({100, 100}, {64, 64}, {{1, 0, -500, 0, 1, 0}}).empty());
  EXPECT_TRUE(paste_area({100, 100}, {64, 64}, {}).empty());
  const double nan = std::nan("");
  EXPECT_TRUE(paste_area({100, 100}, {64, 64}, {{nan, nan, nan, nan, nan, nan}}).empty());
  const double infinity = std::numeric_limits<double>::infinity();
  paste_area({100, 100}, {64, 64}, {{1, 0, infinity, 0, 1, -infinity}});
}

TEST(PasteBack, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/paste.npz");
  for (int i = 0; i < 5; ++i) {
    const auto entry = [&](const char* name) -> const test::Array& { return golden[fmt::format("{}{}", name, i)]; };
    const core::Affine matrix = affine_of(entry("in_matrix"));
    core::Image frame = golden["in_frame"].image();
    const core::Image crop = entry("in_crop").image();
    const PasteArea area = paste_area(frame.size(), crop.size(), matrix);
    const auto box = entry("out_box").as<std::int64_t>();
    EXPECT_EQ((std::array<std::int64_t, 4>{area.x1, area.y1, area.x2, area.y2}),
              (std::array{box[0], box[1], box[2], box[3]}))
        << "case " << i;
    EXPECT_LE(difference(area.matrix.m, entry("out_paste_matrix").doubles()).max, 1e-9);
    paste_back(frame, crop, entry("in_mask").image(), matrix);
    const auto result = difference(frame, entry("out_frame"));
    // For the same reason as in warp_test.cpp.
    EXPECT_LE(result.max, 1) << "case " << i;
    EXPECT_LE(result.share, 5e-5) << "case " << i;
    if (crop.depth() == core::Depth::kF64) {
      EXPECT_EQ(result.max, 0) << "case " << i;
    }
  }
}

TEST(PasteBack, EqualsWarpAndBlendStepByStep) {
  core::Image crop(48, 48, 3, core::Depth::kF32);
  core::Image mask(48, 48, 1, core::Depth::kF32);
  core::Image frame(200, 150, 3);
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 48; ++x) {
      mask.row<float>(y)[x] = (x < 5 || x > 40) ? 0 : static_cast<float>((x * 7 + y * 3) % 11) / 8;  // up to 1.25
      for (int c = 0; c < 3; ++c) {
        crop.row<float>(y)[3 * x + c] = static_cast<float>((x * 13 + y * 29 + c * 71) % 256) * 0.97F;
      }
    }
  }
  for (int y = 0; y < 150; ++y) {
    for (int i = 0; i < 600; ++i) {
      frame.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(i * 31 + y * 17);
    }
  }
  const core::Affine matrix{{0.5, 0.1, -20, -0.1, 0.5, -5}};
  const PasteArea area = paste_area(frame.size(), crop.size(), matrix);
  core::Image warped_crop(area.x2 - area.x1, area.y2 - area.y1, 3, core::Depth::kF32);
  core::Image warped_mask(warped_crop.size(), 1, core::Depth::kF32);
  warp_affine(warped_crop, crop, area.matrix, Border::kReplicate);
  warp_affine(warped_mask, mask, area.matrix, Border::kConstant);
  core::Image expected = core::Image::copy_of(frame);
  for (int y = area.y1; y < area.y2; ++y) {
    for (int x = area.x1; x < area.x2; ++x) {
      const float m = std::min(std::max(warped_mask.row<float>(y - area.y1)[x - area.x1], 0.0F), 1.0F);
      for (int c = 0; c < 3; ++c) {
        std::uint8_t& value = expected.row<std::uint8_t>(y)[3 * x + c];
        const float kept = value * (1 - m);
        const float pasted = warped_crop.row<float>(y - area.y1)[3 * (x - area.x1) + c] * m;
        value = static_cast<std::uint8_t>(kept + pasted);
      }
    }
  }
  paste_back(frame, crop, mask, matrix);
  EXPECT_EQ(std::memcmp(frame.view().data, expected.view().data, frame.bytes()), 0);
}

TEST(PasteBack, TruncatesAndLeavesMaskZeroAlone) {
  for (const core::Depth depth : {core::Depth::kF32, core::Depth::kF64}) {
    core::Image frame = filled({32, 32}, 3, core::Depth::kU8, 10);
    core::Image mask = filled({32, 32}, 1, core::Depth::kF32, 1);
    for (int y = 0; y < 32; ++y) {
      std::fill_n(mask.row<float>(y), 16, 0.0F);
    }
    paste_back(frame, filled({32, 32}, 3, depth, 200.9), mask, {{1, 0, 0, 0, 1, 0}});
    EXPECT_EQ(frame.row<std::uint8_t>(8)[3 * 15], 10);
    EXPECT_EQ(frame.row<std::uint8_t>(8)[3 * 16], 200);
  }
}

TEST(PasteBack, ChangesNothingForAnEmptyAreaOrAnEmptyMask) {
  core::Image frame = filled({20, 20}, 3, core::Depth::kU8, 10);
  const core::Image before = core::Image::copy_of(frame);
  const core::Image crop = filled({8, 8}, 3, core::Depth::kU8, 99);
  paste_back(frame, crop, filled({8, 8}, 1, core::Depth::kF32, 1), {{1, 0, 1000, 0, 1, 0}});
  paste_back(frame, crop, filled({8, 8}, 1, core::Depth::kF32, 0), {{1, 0, 0, 0, 1, 0}});
  paste_back(frame, crop, filled({8, 8}, 1, core::Depth::kF32, 1), {});
  EXPECT_EQ(std::memcmp(frame.view().data, before.view().data, frame.bytes()), 0);
}

TEST(PasteBack, WorksOnPicturesOfOnePixel) {
  core::Image frame = filled({1, 1}, 3, core::Depth::kU8, 10);
  paste_back(frame, filled({64, 64}, 3, core::Depth::kU8, 99), filled({64, 64}, 1, core::Depth::kF32, 1),
             {{32, 0, 16, 0, 32, 16}});
  EXPECT_EQ(frame.row<std::uint8_t>(0)[0], 99);
}

TEST(PasteBack, RefusesAMaskOfAnotherSize) {
  core::Image frame(20, 20, 3);
  EXPECT_THROW(paste_back(frame, core::Image(8, 8, 3), core::Image(8, 9, 1, core::Depth::kF32), {}), core::Error);
  EXPECT_THROW(paste_back(frame, core::Image(8, 8, 3), core::Image(8, 8, 1), {}), core::Error);
  EXPECT_THROW(paste_back(frame, core::Image(8, 8, 4), core::Image(8, 8, 1, core::Depth::kF32), {}), core::Error);
}

TEST(PixelBoost, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/pixel_boost.npz");
  const core::Image crop = golden["in_frame"].image();
  const auto tiles = golden["out_tiles"].as<std::uint8_t>();
  core::Image exploded(24, 24, 3);
  for (int t = 0; t < 9; ++t) {
    core::Image tile(8, 8, 3);
    implode_tile(tile, crop, 3, t / 3, t % 3);
    ASSERT_EQ(std::memcmp(tile.view().data, tiles.data() + t * 192, 192), 0) << "tile " << t;
    explode_tile(exploded, tile, 3, t / 3, t % 3);
  }
  EXPECT_EQ(difference(exploded, golden["out_frame"]).max, 0);
}

TEST(PixelBoost, RefusesASizeThatIsNoMultiple) {
  core::Image tile(256, 256, 3);
  EXPECT_THROW(implode_tile(tile, core::Image(384, 384, 3), 1, 0, 0), core::Error);
  EXPECT_THROW(implode_tile(tile, core::Image(512, 512, 3), 2, 2, 0), core::Error);
  EXPECT_THROW(implode_tile(tile, core::Image(0, 0, 3), 0, 0, 0), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
