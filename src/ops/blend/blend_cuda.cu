#include "ops/blend/blend_checks.hpp"
#include "ops/blend/blend_cuda.hpp"
#include "ops/blend/blend_pixels.hpp"
#include "ops/blend/paste_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

namespace {

template <typename T>
void paste(const device::Stream& stream, core::ImageView area, core::ConstImageView crop, core::ConstImageView mask,
           const core::Affine& to_area) {
  const WarpInverse matrix(to_area);
  for_each_pixel(stream, "paste_back", area.size(),
                 PastePixels<T>{area, {crop, matrix, Border::kReplicate}, {mask, matrix, Border::kConstant}});
}

BoostTile boost_tile(core::ConstImageView tile, int factor, int a, int b) {
  return {factor, a, b, tile.channels * static_cast<int>(core::bytes_of(tile.depth))};
}

}  // namespace

void blend(const device::Stream& stream, core::ImageView out, core::ConstImageView below, core::ConstImageView above,
           double share) {
  check_blend(out, below, above);
  for_each_pixel(stream, "blend", out.size(), BlendPixels{out, below, above, share});
}

void paste_back(const device::Stream& stream, core::ImageView frame, core::ConstImageView crop,
                core::ConstImageView mask, const core::Affine& matrix) {
  check_paste(frame, crop, mask);
  const PasteArea area = paste_area(frame.size(), crop.size(), matrix);
  if (area.empty()) {
    return;
  }
  const core::ImageView pixels = frame.crop(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
  switch (crop.depth) {
    case core::Depth::kU8:
      return paste<std::uint8_t>(stream, pixels, crop, mask, area.matrix);
    case core::Depth::kF32:
      return paste<float>(stream, pixels, crop, mask, area.matrix);
    case core::Depth::kF64:
      return paste<double>(stream, pixels, crop, mask, area.matrix);
  }
}

void implode_tile(const device::Stream& stream, core::ImageView tile, core::ConstImageView crop, int factor, int a,
                  int b) {
  check_boost_tile(crop, tile, factor, a, b);
  for_each_pixel(stream, "implode_tile", tile.size(), ImplodePixels{tile, crop, boost_tile(tile, factor, a, b)});
}

void explode_tile(const device::Stream& stream, core::ImageView crop, core::ConstImageView tile, int factor, int a,
                  int b) {
  check_boost_tile(crop, tile, factor, a, b);
  for_each_pixel(stream, "explode_tile", tile.size(), ExplodePixels{crop, tile, boost_tile(tile, factor, a, b)});
}

}  // namespace facegraph::ops::cuda
