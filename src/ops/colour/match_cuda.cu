#include <algorithm>

#include "core/base/error.hpp"
#include "ops/colour/colorize_checks.hpp"
#include "ops/colour/match_checks.hpp"
#include "ops/colour/match_cuda.hpp"
#include "ops/colour/match_programs.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void equalise_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                     core::ConstImageView target, int size, float* fields) {
  check_match_picture(source);
  check_match_picture(target);
  check_coloured("equalise_colour", out, target);
  if (size < 1 || std::min({source.width, source.height, target.width, target.height}) < size) {
    core::fail(core::ErrorCode::kFailed, "equalise_colour: {} fields on pictures {}x{} and {}x{}, expected fewer", size,
               source.width, source.height, target.width, target.height);
  }
  for_each_pixel(stream, "equalise_colour, fields", {3 * size, size}, ColourFields{fields, size, source, target});
  for_each_pixel(stream, "equalise_colour", out.size(), ShiftPixels{out, target, fields, size});
}

void match_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                  core::ConstImageView target, float* fields) {
  core::ConstImageView colours = source;
  for (const int size : match_steps(target.height)) {
    equalise_colour(stream, out, colours, target, size, fields);
    colours = out;
  }
}

void colour_likeness(const device::Stream& stream, LikenessScratch* scratch, core::ConstImageView source,
                     core::ConstImageView target) {
  check_match_picture(source);
  check_match_picture(target);
  for_each_pixel(stream, "colour_likeness, clear", {kColourBins, 2}, ClearHistograms{scratch});
  for_each_pixel(stream, "colour_likeness, source", source.size(), CountColours{source, scratch, 0});
  for_each_pixel(stream, "colour_likeness, target", target.size(), CountColours{target, scratch, 1});
  for_each_block(stream, "colour_likeness", 1, CompareColours{scratch});
}

void match_alike_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                        core::ConstImageView target, float* fields, LikenessScratch* scratch) {
  colour_likeness(stream, scratch, source, target);
  match_colour(stream, out, source, target, fields);
  for_each_pixel(stream, "match_alike_colour", out.size(), MixAlikePixels{out, target, &scratch->likeness});
}

}  // namespace facegraph::ops::cuda
