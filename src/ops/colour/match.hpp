// Gives a made face the colours of the one it replaces. u8 BGR pictures. spec: face-processors.md 3.6
#pragma once

#include "core/types/image.hpp"

namespace facegraph::ops {

// One step: what source and target differ by, averaged over size x size fields, is added to the target.
core::Image equalise_colour(core::ConstImageView source, core::ConstImageView target, int size);

// Three steps, from coarse to fine. The result has the target's size; target is square.
core::Image match_colour(core::ConstImageView source, core::ConstImageView target);

// How alike the hues and saturations of two pictures are: 0..1.
double colour_likeness(core::ConstImageView source, core::ConstImageView target);

// The target matched to the extent that the two are alike.
core::Image match_alike_colour(core::ConstImageView source, core::ConstImageView target);

}  // namespace facegraph::ops
