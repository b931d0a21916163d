// What the colorizer networks see of a frame, and what becomes of their colours. spec: portrait-frame-processors.md 8.
#pragma once

#include <array>
#include <span>

#include "core/types/image.hpp"

namespace facegraph::ops {

// DDColor's grey: the Lab lightness of a grey level turned back to RGB with a = b = 0 (not exactly level / 255; the
// three channels are equal but for 6e-7, one stands for all).
const std::array<float, 256>& ddcolor_greys();

// u8 BGR frame -> f32 CHW tensor of `size`, three equal planes: DDColor's greys, or for DeOldify 0..255.
void ddcolor_input(std::span<float> out, core::ConstImageView frame, core::Size size);
void deoldify_input(std::span<float> out, core::ConstImageView frame, core::Size size);

// The frame in the network's colours; out: u8 BGR, the frame's size, not the frame itself.
// DDColor: `in` holds the planes a and b of Lab; the lightness is the frame's.
void ddcolor_output(core::ImageView out, core::ConstImageView frame, std::span<const float> in, core::Size size);
// DeOldify: `in` holds the planes R, G, B, 0..255, cut to 8 bits without clipping. Of the result's 8-bit Lab the
// lightness is the frame's blue channel, as the reference has it.
void deoldify_output(core::ImageView out, core::ConstImageView frame, std::span<const float> in, core::Size size);

}  // namespace facegraph::ops
