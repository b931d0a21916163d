#include "ops/colour/match_checks.hpp"

#include <cmath>

#include "core/base/error.hpp"

namespace facegraph::ops {

void check_match_picture(core::ConstImageView picture) {
  if (picture.depth != core::Depth::kU8 || picture.channels != 3 || picture.empty()) {
    core::fail(core::ErrorCode::kFailed, "colour match: picture {}x{} of {} channels, expected 8 bits and 3 channels",
               picture.width, picture.height, picture.channels);
  }
}

// The reference goes on to fields of one pixel, which changes nothing.
std::array<int, 3> match_steps(int height) {
  constexpr int kCoarsest = 16;
  std::array<int, 3> steps{};
  for (int step = 0; step < 3; ++step) {
    const double size = kCoarsest + step * (height - kCoarsest) / 3.0;
    steps[step] = 2 * static_cast<int>(std::nearbyint(size / 2));
  }
  return steps;
}

}  // namespace facegraph::ops
