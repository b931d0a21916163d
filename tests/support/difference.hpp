// How far a picture or list of numbers is from a golden array.
#pragma once

#include <span>

#include "core/types/image.hpp"
#include "support/npz.hpp"

namespace facegraph::test {

struct Difference {
  double max = 0;    // infinite when sizes differ or a value is not finite
  double mean = 0;   // of the absolute differences
  double share = 0;  // of values off by more than `far`
};

// Every step-th row and column of the picture against [h, w] or [h, w, channels].
Difference difference(core::ConstImageView image, const Array& golden, int step = 1, double far = 0);
Difference difference(std::span<const double> values, std::span<const double> golden, double far = 0);

}  // namespace facegraph::test
