// Pictures to network inputs and back.
#pragma once

#include <array>
#include <span>

#include "core/types/image.hpp"

namespace facegraph::ops {

enum class ChannelOrder { kBgr, kRgb };
enum class Layout { kChw, kHwc };

// A u8 value to float: 256 entries per output channel (in the output's channel order).
using ValueTable = std::array<std::array<float, 256>, 3>;
// f32((v / 255 - mean) / std), evaluated in double: most networks. mean and std in the output's channel order.
ValueTable value_table(std::array<double, 3> mean, std::array<double, 3> standard_deviation);
// fairface: each step evaluated in double and rounded to float32. analysis.md 6.2
ValueTable value_table_f32_steps(std::array<double, 3> mean, std::array<double, 3> standard_deviation);
// f32((v - offset) * scale) in float32: detectors, (v - 127.5) / 128.
ValueTable value_table_offset(float offset, float divisor);

// u8 BGR picture -> out, out.size() = 3 * width * height.
void to_tensor(std::span<float> out, core::ConstImageView in, const ValueTable& table, ChannelOrder order,
               Layout layout);

// Float picture (0..255, f32 or f64) -> f32 in that layout, value / 255, minus mean, / std in float32: the region
// parser on a processed crop. spec: analysis.md 11.4
void float_to_tensor(std::span<float> out, core::ConstImageView in, std::array<float, 3> mean,
                     std::array<float, 3> std_dev, ChannelOrder order, Layout layout);

// CHW network output, of channels in that order -> HWC BGR picture of 0..255: v * std + mean (only for f64 out, in
// double), clip to 0..1, * 255. out is f64 or f32, unrounded, or u8, the fraction dropped; f32 and u8 want std 1 and
// mean 0. face-processors.md 5.7, portrait-frame-processors.md 3.2
void to_image(core::ImageView out, std::span<const float> in, double mean, double standard_deviation,
              ChannelOrder order = ChannelOrder::kRgb);

// Network output to an 8-bit BGR picture of its size, in float32.
enum class Rounding { kNearest, kDown };
// CHW RGB, clipped to -1..1: (v + 1) / 2 * 255, to the nearest integer (half to even) or the one below.
// face-processors.md 7.3, 8.4
void to_picture(core::ImageView out, std::span<const float> in, Rounding rounding);
// HWC BGR, 0..1: v * 255, clipped, the fraction dropped. face-processors.md 6.3
void interleaved_to_picture(core::ImageView out, std::span<const float> in);

// analysis.md 4.2: frame with black margins (top, right, bottom, left) around it, shrunk to fit `size`, at the top-left
// of a black canvas, as CHW BGR tensor through the table. Returns the ratios padded / shrunk per axis; shrunk size 0:
// false, nothing written.
struct LetterboxRatio {
  double x = 1;
  double y = 1;
};
bool letterbox(std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame, std::array<int, 4> margin,
               core::Size size, const ValueTable& table);

}  // namespace facegraph::ops
