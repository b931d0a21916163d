// A face cut out by five points. spec: analysis.md 3.2, 3.3
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

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

// A face on a frame, whose points only the site knows.
struct SiteFace {
  core::ConstImageView frame;
  const core::Landmark5* points = nullptr;
};
// The same of several; the host does not wait.
struct SiteCrops {
  std::vector<device::Picture> images;  // of a face without a similarity: one colour
  device::Values<std::uint8_t> has;     // a similarity each, or 0; on its way to the host
};
SiteCrops crop_on_site(std::span<const SiteFace> faces, ops::WarpTemplate name, core::Size size,
                       const device::Site& site);

}  // namespace facegraph::analysers
