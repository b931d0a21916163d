#include "ops/gpu/launch.cuh"
#include "ops/matte/matte_checks.hpp"
#include "ops/matte/matte_cuda.hpp"
#include "ops/matte/matte_pixels.hpp"

namespace facegraph::ops::cuda {

void matte_to_mask(const device::Stream& stream, core::ImageView out, std::span<const float> in) {
  check_matte(out, in.size());
  for_each_pixel(stream, "matte_to_mask", out.size(), MattePixels{out, in.data()});
}

void classes_to_mask(const device::Stream& stream, core::ImageView out, std::span<const float> in) {
  check_classes(out, in.size());
  const auto classes = static_cast<int>(in.size() / (static_cast<std::size_t>(out.width) * out.height));
  for_each_pixel(stream, "classes_to_mask", out.size(), ClassPixels{out, in.data(), classes});
}

void green_to_hint(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, core::Size size) {
  check_hint(out.size(), frame, size);
  for_each_pixel(stream, "green_to_hint", size, HintPixels{out.data(), size, frame});
}

void despill(const device::Stream& stream, core::ImageView frame, const Rgba& colour) {
  check_matte_frame("despill", frame);
  const Light light = light_of(colour);
  if (light.alpha != 0) {
    for_each_pixel(stream, "despill", frame.size(), DespillPixels{frame, light});
  }
}

void fill_background(const device::Stream& stream, core::ImageView frame, core::ConstImageView mask,
                     const Rgba& colour) {
  check_matte_frame("fill_background", frame);
  check_matte_mask("fill_background", mask, frame.size());
  if (colour.alpha != 0) {
    for_each_pixel(stream, "fill_background", frame.size(), FillPixels{frame, mask, colour});
  }
}

void intersect_masks(const device::Stream& stream, core::ImageView mask, core::ConstImageView other) {
  check_matte_mask("intersect_masks", mask, mask.size());
  check_matte_mask("intersect_masks", other, mask.size());
  for_each_pixel(stream, "intersect_masks", mask.size(), IntersectPixels{mask, other});
}

}  // namespace facegraph::ops::cuda
