// A face cut out by five points. spec: analysis.md 3.2, 3.3
#pragma once

#include <cstdint>
#include <optional>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/site.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::analysers {

struct FaceCrop {
  device::Picture image;  // u8 BGR
  core::Affine matrix;    // frame -> crop
};

// The frame and the crop lie on the site. No value where the five points have no similarity to the template (all equal,
// not finite): such a face is skipped.
std::optional<FaceCrop> crop_face(core::ConstImageView frame, const core::Landmark5& points, ops::WarpTemplate name,
                                  core::Size size, const device::Site& site = {});

// The same where only the site knows the points.
struct SiteCrop {
  device::Picture image;             // of a face without a similarity: one colour
  device::Values<std::uint8_t> has;  // a similarity, or 0; on its way to the host
};
SiteCrop crop_on_site(core::ConstImageView frame, const core::Landmark5* points, ops::WarpTemplate name,
                      core::Size size, const device::Site& site);

}  // namespace facegraph::analysers
