// Blends two expressions of a face. spec: portrait-frame-processors.md 5.2 - 5.4
#pragma once

#include "ops/face/portrait.hpp"

namespace facegraph::processors {

struct RestoredAreas {
  bool upper_face = true;
  bool lower_face = true;
};

// Of `original`, the points of the areas; of `changed`, all others.
ops::PortraitPoints restrict_areas(const ops::PortraitPoints& original, const ops::PortraitPoints& changed,
                                   const RestoredAreas& areas);

// share * original + (1 - share) * changed, in float32, within the limits. factor: 0..100, share = 0.012 * factor: from
// 84 on it goes beyond the original.
ops::PortraitPoints blend_expressions(const ops::PortraitPoints& original, const ops::PortraitPoints& changed,
                                      double factor);

}  // namespace facegraph::processors
