// Colour steps that networks were trained with, and alpha. spec: analysis.md 5.2, 14.5.
#pragma once

#include "core/types/image.hpp"

namespace facegraph::ops {

// The landmarker crop's contrast step: 8-bit RGB -> Lab -> RGB round trip of the data as it lies (BGR passed as RGB),
// always; CLAHE (clip 2, 8x8 tiles) on L in between when mean(L) < 30. u8, 3 channels, in place.
void balance_contrast(core::ImageView crop);

// Frame (3 or 4 channels) -> its first three channels, and its alpha or 255.
core::Image first_three_channels(core::ConstImageView frame);
core::Image extract_alpha(core::ConstImageView frame);
// Four channels if any mask value is below 255, else a copy of the three.
core::Image merge_alpha(core::ConstImageView frame, core::ConstImageView mask);

}  // namespace facegraph::ops
