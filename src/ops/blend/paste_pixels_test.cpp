#include "ops/blend/paste_pixels.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

const core::Affine kTurned{{0.5, 0.1, -20, -0.1, 0.5, -5}};
const core::Affine kBeyondTheCorner{{0.31, -0.12, 10, 0.12, 0.31, -52}};

core::Image mask_of(core::Size size) {
  core::Image mask(size, 1, core::Depth::kF32);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      mask.row<float>(y)[x] = x < 5 || x > 40 ? 0 : static_cast<float>((x * 7 + y * 3) % 11) / 8;  // up to 1.25
    }
  }
  return mask;
}

template <typename T>
void expect_program_equals_rows(core::Depth depth, const core::Affine& matrix) {
  const core::Image crop = noise({48, 40}, 3, depth);
  const core::Image mask = mask_of(crop.size());
  core::Image expected = noise({200, 150}, 3, core::Depth::kU8, 8);
  core::Image frame = core::Image::copy_of(expected);
  paste_back(expected, crop, mask, matrix);
  const PasteArea area = paste_area(frame.size(), crop.size(), matrix);
  const WarpInverse to_area(area.matrix);
  const core::ImageView pixels = frame.view().crop(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
  run_pixels_on_host(pixels.size(),
                     PastePixels<T>{pixels, {crop, to_area, Border::kReplicate}, {mask, to_area, Border::kConstant}});
  expect_equal(frame, expected);
}

TEST(PastePixels, EqualTheRowsOfTheCpuHalf) {
  for (const core::Affine& matrix : {kTurned, kBeyondTheCorner, core::Affine{}, core::Affine{{1, 0, -500, 0, 1, 0}}}) {
    expect_program_equals_rows<std::uint8_t>(core::Depth::kU8, matrix);
    expect_program_equals_rows<float>(core::Depth::kF32, matrix);
    expect_program_equals_rows<double>(core::Depth::kF64, matrix);
  }
}

TEST(BoostPixels, EqualTheCpuHalf) {
  const core::Image crop = noise({24, 18}, 3, core::Depth::kF32);
  core::Image exploded(crop.size(), 3, core::Depth::kF32);
  for (int phase = 0; phase < 9; ++phase) {
    const BoostTile boost{3, phase / 3, phase % 3, 12};
    core::Image expected(8, 6, 3, core::Depth::kF32);
    implode_tile(expected, crop, 3, phase / 3, phase % 3);
    core::Image tile(8, 6, 3, core::Depth::kF32);
    run_pixels_on_host(tile.size(), ImplodePixels{tile, crop, boost});
    expect_equal(tile, expected);
    run_pixels_on_host(tile.size(), ExplodePixels{exploded, tile, boost});
  }
  expect_equal(exploded, crop);
}

}  // namespace
}  // namespace facegraph::ops
