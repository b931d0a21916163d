#include <algorithm>

#include "core/base/error.hpp"
#include "ops/gpu/launch.cuh"
#include "ops/mask/mask_checks.hpp"
#include "ops/mask/mask_cuda.hpp"
#include "ops/mask/mask_pixels.hpp"
#include "ops/mask/mask_tables.hpp"
#include "ops/mask/shrink_programs.hpp"

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

// The common finish: a blur, and the stretch behind it.
template <typename Values>
void blur(const device::Stream& stream, const char* what, core::ImageView out, core::ImageView rows,
          const Values& values) {
  check_mask(out);
  check_mask_size(rows, out.size());
  for_each_pixel(stream, what, out.size(), BlurMaskRows<Values>{rows, values, finish_kernel()});
  for_each_pixel(stream, what, out.size(), BlurMaskColumns{out, rows, finish_kernel(), true});
}

CombinedMasks combined(std::span<const core::ConstImageView> masks, core::Size size) {
  CombinedMasks result{{}, static_cast<int>(masks.size())};
  if (masks.size() > result.masks.size()) {
    core::fail(core::ErrorCode::kFailed, "combine_masks: {} masks, expected at most {}", masks.size(),
               result.masks.size());
  }
  for (const core::ConstImageView& mask : masks) {
    check_mask_size(mask, size);
  }
  std::copy(masks.begin(), masks.end(), result.masks.begin());
  return result;
}

}  // namespace

void finish_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, core::ConstImageView in) {
  check_mask(in);
  check_mask_size(out, in.size());
  blur(stream, "finish_mask", out, rows, ClippedValues{in});
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

void area_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows,
               const core::Landmark68& landmark, std::span<const FaceMaskArea> areas) {
  blur(stream, "area_mask", out, rows, AreaValues{area_rows(out.size(), landmark, areas)});
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
  for_each_pixel(stream, "combine_masks", out.size(), CombinePixels{out, combined(masks, out.size())});
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

namespace facegraph::ops {

ShrinkPrograms shrink_programs(core::ImageView out, core::ImageView rows, std::span<const core::ConstImageView> masks) {
  check_mask(out);
  check_mask_size(rows, out.size());
  const GaussianKernel& kernel = cuda::shrunk_kernel();
  return {out.size(), {out, cuda::combined(masks, out.size())}, {rows, {out}, kernel}, {out, rows, kernel, false}};
}

}  // namespace facegraph::ops
