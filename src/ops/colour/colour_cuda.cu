#include "ops/colour/colorize_checks.hpp"
#include "ops/colour/colorize_pixels.hpp"
#include "ops/colour/colour_checks.hpp"
#include "ops/colour/colour_cuda.hpp"
#include "ops/colour/colour_pixels.hpp"
#include "ops/colour/contrast_programs.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void ddcolor_input(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, core::Size size,
                   const std::array<float, 256>* greys) {
  check_colorize("ddcolor_input", frame, out.size(), size, 3);
  for_each_pixel(stream, "ddcolor_input", size, DdcolorInputPixels{out.data(), size, frame, greys});
}

void deoldify_input(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, core::Size size) {
  check_colorize("deoldify_input", frame, out.size(), size, 3);
  for_each_pixel(stream, "deoldify_input", size, DeoldifyInputPixels{out.data(), size, frame});
}

void ddcolor_output(const device::Stream& stream, core::ImageView out, core::ConstImageView frame,
                    std::span<const float> in, core::Size size, const LightnessGrid* grid) {
  check_colorize("ddcolor_output", frame, in.size(), size, 2);
  check_coloured("ddcolor_output", out, frame);
  for_each_pixel(stream, "ddcolor_output", out.size(), DdcolorOutputPixels{out, frame, {in.data(), size}, grid});
}

void deoldify_output(const device::Stream& stream, core::ImageView out, core::ConstImageView frame,
                     std::span<const float> in, core::Size size, const LabTables* tables) {
  check_colorize("deoldify_output", frame, in.size(), size, 3);
  check_coloured("deoldify_output", out, frame);
  for_each_pixel(stream, "deoldify_output", out.size(), DeoldifyOutputPixels{out, frame, {in.data(), size}, tables});
}

void balance_contrast(const device::Stream& stream, core::ImageView crop, core::ImageView lab, const LabTables* tables,
                      ContrastScratch* scratch) {
  check_contrast(crop);
  check_coloured("balance_contrast", lab, crop);
  for_each_pixel(stream, "balance_contrast, clear", {1, 1}, ClearLightness{scratch});
  for_each_block(stream, "balance_contrast, lab", crop.height, ToLabRows{crop, lab, tables, scratch});
  for_each_block(stream, "balance_contrast, tiles", ContrastScratch::kTables, EqualiseTiles{lab, scratch});
  for_each_pixel(stream, "balance_contrast", crop.size(), FromLabPixels{crop, lab, tables, scratch});
}

void first_three_channels(const device::Stream& stream, core::ImageView out, core::ConstImageView frame) {
  check_alpha_result(out, frame, 3);
  for_each_pixel(stream, "first_three_channels", out.size(), FirstThreePixels{out, frame});
}

void extract_alpha(const device::Stream& stream, core::ImageView out, core::ConstImageView frame) {
  check_alpha_result(out, frame, 1);
  for_each_pixel(stream, "extract_alpha", out.size(), AlphaPixels{out, frame});
}

void merge_alpha(const device::Stream& stream, core::ImageView out, core::ConstImageView frame,
                 core::ConstImageView mask, int* is_opaque) {
  check_alpha_mask(frame, mask);
  check_alpha_result(out, frame, 4);
  for_each_pixel(stream, "merge_alpha, opaque", {1, 1}, SetOpaque{is_opaque});
  for_each_pixel(stream, "merge_alpha", out.size(), MergeAlphaPixels{out, frame, mask, is_opaque});
}

void bgr_to_yuv420(const device::Stream& stream, const YuvPlanes& out, core::ConstImageView bgr) {
  check_yuv420(out, bgr);
  for_each_pixel(stream, "bgr_to_yuv420", out.u.size(), YuvPixels{out, bgr});
}

}  // namespace facegraph::ops::cuda
