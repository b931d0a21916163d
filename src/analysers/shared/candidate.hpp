// What a detector finds: a face, or what may be one. In the coordinates of a frame.
#pragma once

#include "core/types/face.hpp"

namespace facegraph::analysers {

struct Candidate {
  core::BoundingBox box;
  float score = 0;
  core::Landmark5 points{};
};

}  // namespace facegraph::analysers
