#include <algorithm>

#include "core/base/error.hpp"
#include "ops/gpu/launch.cuh"
#include "ops/mask/mask_checks.hpp"
#include "ops/mask/mask_cuda.hpp"
#include "ops/mask/mask_pixels.hpp"

namespace facegraph::ops::cuda {

namespace {

const GaussianKernel& finish_kernel() {
  static const GaussianKernel kernel = gaussian_kernel(kFinishSigma);
  return kernel;
}

const GaussianKernel& shrunk_kernel() {
  static const GaussianKernel kernel = gaussian_kernel(kShrunkSigma);
  return kernel;
}

}  // namespace

void finish_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, core::ConstImageView in) {
  check_mask(in);
  check_mask_size(out, in.size());
  check_mask_size(rows, in.size());
  for_each_pixel(stream, "finish_mask, rows", out.size(), BlurMaskRows{rows, in, finish_kernel(), true});
  for_each_pixel(stream, "finish_mask", out.size(), BlurMaskColumns{out, rows, finish_kernel(), true});
}

void occlusion_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows,
                    std::span<const core::ConstImageView> outputs) {
  if (outputs.empty()) {
    core::fail(core::ErrorCode::kFailed, "occlusion mask: no occluder output, expected at least one");
  }
  check_mask(out);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_mask(outputs[i]);
    for_each_pixel(stream, "occlusion_mask", out.size(), OccluderPixels{out, outputs[i], i == 0});
  }
  finish_mask(stream, out, rows, out);
}

void area_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, const AreaScratch& scratch,
               const core::Landmark68* landmark, std::span<const FaceMaskArea> areas) {
  check_mask(out);
  for_each_block(stream, "area_mask, hull", 1,
                 FindAreaRows{landmark, points_of(areas), out.size(), scratch.hull, scratch.spans});
  for_each_pixel(stream, "area_mask", out.size(), AreaPixels{out, scratch.spans});
  finish_mask(stream, out, rows, out);
}

void region_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, core::ImageView map,
                 const float* logits, std::size_t count, std::span<const FaceMaskRegion> regions) {
  check_mask(out);
  check_mask(map);
  const auto classes = static_cast<int>(check_logits(count, map.size()));
  for_each_pixel(stream, "region_mask", map.size(), RegionPixels{map, logits, classes, wanted_classes(regions)});
  // A map of zeros and ones is resized as an occluder's output is.
  for_each_pixel(stream, "region_mask, resize", out.size(), OccluderPixels{out, map, true});
  finish_mask(stream, out, rows, out);
}

void combine_masks(const device::Stream& stream, core::ImageView out, std::span<const core::ConstImageView> masks) {
  check_mask(out);
  CombinePixels program{out, {}, static_cast<int>(masks.size())};
  if (masks.size() > program.masks.size()) {
    core::fail(core::ErrorCode::kFailed, "combine_masks: {} masks, expected at most {}", masks.size(),
               program.masks.size());
  }
  for (const core::ConstImageView& mask : masks) {
    check_mask_size(mask, out.size());
  }
  std::copy(masks.begin(), masks.end(), program.masks.begin());
  for_each_pixel(stream, "combine_masks", out.size(), program);
}

void shrunk_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, core::ConstImageView in) {
  check_mask(in);
  check_mask_size(out, in.size());
  check_mask_size(rows, in.size());
  for_each_pixel(stream, "shrunk_mask, erode", out.size(), ErodePixels{out, in});
  for_each_pixel(stream, "shrunk_mask, rows", out.size(), BlurMaskRows{rows, out, shrunk_kernel(), false});
  for_each_pixel(stream, "shrunk_mask", out.size(), BlurMaskColumns{out, rows, shrunk_kernel(), false});
}

void quantised(const device::Stream& stream, core::ImageView out, core::ConstImageView in) {
  check_mask(in);
  if (out.depth != core::Depth::kU8 || out.channels != 1 || out.size() != in.size()) {
    core::fail(core::ErrorCode::kFailed, "quantised: result {}x{} of {} channels, expected 8 bits, one channel, {}x{}",
               out.width, out.height, out.channels, in.width, in.height);
  }
  for_each_pixel(stream, "quantised", out.size(), QuantisePixels{out, in});
}

}  // namespace facegraph::ops::cuda
