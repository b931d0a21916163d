// Mix of two pictures. spec: analysis.md 14.3, portrait-frame-processors.md 2.6 and 7.5.
#pragma once

#include "core/types/image.hpp"

namespace facegraph::ops {

// out = rint(below * (1 - share) + above * share), saturated. u8, all of one size and number of channels; out may be
// one of the others. Share 1 copies above, 0 below.
void blend(core::ImageView out, core::ConstImageView below, core::ConstImageView above, double share);

// Of a blend option, 0..100, as the reference computes it (its last bit counts).
inline double share_of_percent(double percent) {
  return 1 - (1 - percent / 100);
}

}  // namespace facegraph::ops
