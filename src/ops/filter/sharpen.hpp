// spec: face-processors.md 6.3
#pragma once

#include "core/types/image.hpp"

namespace facegraph::ops {

constexpr double kSharpenAmount = 0.75;

// A u8 picture with what a blur of sigma 2 takes away from it added, times 0.75.
core::Image sharpened(core::ConstImageView picture);

}  // namespace facegraph::ops
