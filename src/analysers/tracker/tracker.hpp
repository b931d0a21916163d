// Follows faces through neighbouring frames and fills the gaps where a face was not found. spec: analysis.md section 9.
#pragma once

#include <span>
#include <vector>

#include "core/options/option.hpp"
#include "core/types/face.hpp"

namespace facegraph::analysers {

struct TrackerOptions {
  double score = 0;  // boxes of neighbouring frames that overlap by more are one face's; 0: no tracking

  static TrackerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& tracker_options();

// The faces of the window's middle frame: one for each face that is followed through it, found there or, with origin
// kRefill, interpolated between the frames before and behind where it was found. window: the faces of an odd number of
// successive frames; none where there is no frame.
core::Faces track_faces(std::span<const core::Faces> window, double score);

}  // namespace facegraph::analysers
