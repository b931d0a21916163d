#include "ops/blend/blend_checks.hpp"
#include "ops/blend/blend_cuda.hpp"
#include "ops/blend/blend_pixels.hpp"
#include "ops/blend/paste_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

namespace {

template <typename T>
void paste(const device::Stream& stream, core::ImageView frame, core::ConstImageView crop, core::ConstImageView mask,
           const PasteArea* area) {
  const core::Affine* matrix = &area->matrix;
  for_each_pixel(stream, "paste_back", frame.size(),
                 PastePixels<T>{frame, area, {crop, matrix, Border::kReplicate}, {mask, matrix, Border::kConstant}});
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
                core::ConstImageView mask, const core::Affine* matrix, PasteArea* area) {
  check_paste(frame, crop, mask);
  for_each_pixel(stream, "paste_area", {1, 1}, FindPasteArea{area, frame.size(), crop.size(), matrix});
  switch (crop.depth) {
    case core::Depth::kU8:
      return paste<std::uint8_t>(stream, frame, crop, mask, area);
    case core::Depth::kF32:
      return paste<float>(stream, frame, crop, mask, area);
    case core::Depth::kF64:
      return paste<double>(stream, frame, crop, mask, area);
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
