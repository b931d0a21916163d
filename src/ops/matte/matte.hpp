// Masks of what stands before a background, and what is done with them. spec: portrait-frame-processors.md 9.
#pragma once

#include <span>

#include "core/types/image.hpp"

namespace facegraph::ops {

// 0..255 each.
struct Rgba {
  int red = 0;
  int green = 0;
  int blue = 0;
  int alpha = 0;

  friend bool operator==(const Rgba&, const Rgba&) = default;
};

// A network's matte, nominal 0..1, to u8: clipped, * 255, truncated. out is contiguous, in.size() = its pixels.
void matte_to_mask(core::ImageView out, std::span<const float> in);

// Class scores, CHW with out's size: 255 where another class than the first is highest (of equal ones the first wins).
void classes_to_mask(core::ImageView out, std::span<const float> in);

// 1 where a pixel is not green, 0 where it is strongly so, as the keyer wants it: one f32 plane of `size`. frame: u8
// BGR.
void green_to_hint(std::span<float> out, core::ConstImageView frame, core::Size size);

// Takes the colour's light out of the frame (u8 BGR, in place), alpha says how much: each channel is drawn towards the
// mean of the other two where it exceeds it, in the proportion that the colour has of it.
void despill(core::ImageView frame, const Rgba& colour);

// Lays the colour over the frame (u8 BGR, in place) where the mask (u8) is dark, alpha says how densely.
void fill_background(core::ImageView frame, core::ConstImageView mask, const Rgba& colour);

// mask = min(mask, other), u8.
void intersect_masks(core::ImageView mask, core::ConstImageView other);

}  // namespace facegraph::ops
