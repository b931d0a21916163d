// Marks on a picture: u8 BGR, drawn in place with OpenCV's rules (8-connected, not smoothed, clipped to the picture).
// spec: face-processors.md 9.2, 9.3
#pragma once

#include <cstdint>

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

struct Colour {
  std::uint8_t blue = 0;
  std::uint8_t green = 0;
  std::uint8_t red = 0;

  friend bool operator==(const Colour&, const Colour&) = default;
};

// Coordinates are cut to whole pixels towards zero; a mark with one that is not finite is left out. thickness and
// radius are in pixels, at least 1.
void draw_line(core::ImageView frame, core::Point from, core::Point to, Colour colour, int thickness);
void draw_rectangle(core::ImageView frame, const core::BoundingBox& box, Colour colour, int thickness);
void draw_disc(core::ImageView frame, core::Point centre, int radius, Colour colour);

// The outlines, inner ones too, of where the mask is above the level. mask: u8, one channel, of the frame's size.
void draw_contours(core::ImageView frame, core::ConstImageView mask, int level, Colour colour, int thickness);

}  // namespace facegraph::ops
