// What the operators of match.hpp ask of their arguments, on the CPU and on a GPU, and the steps they go in.
#pragma once

#include <array>

#include "core/types/image.hpp"

namespace facegraph::ops {

// Throws Error(kFailed).
void check_match_picture(core::ConstImageView picture);

// Fields per side in each step of match_colour, for a target of that height.
std::array<int, 3> match_steps(int height);

}  // namespace facegraph::ops
