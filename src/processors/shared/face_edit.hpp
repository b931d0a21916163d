// What processors of faces share: the masks of a face that was cut out, and putting back what became of it. Which masks
// there are is for the masker's options to say. spec: face-processors.md 3.3, 3.4
#pragma once

#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/site.hpp"

namespace facegraph::processors {

// Of processors that always soften their crop's edge, whatever --face-mask-types and padding, and know occlusion beside
// it: no parser is needed.
analysers::MaskerOptions edge_masks(const core::OptionValues& values);

// The masks of a face: pictures of its own, and views to others that live longer.
class FaceMasks {
 public:
  void add(device::Picture mask);
  void add_view(core::ConstImageView mask) { views_.push_back(mask); }
  // The smallest value of all.
  device::Picture combined(const device::Site& site, core::Size size) const;

 private:
  std::vector<device::Picture> pictures_;
  std::vector<core::ConstImageView> views_;
};

// Pictures lie on the masker's site. Box and occlusion: of the face as it was cut out, u8 BGR.
FaceMasks masks_of_crop(analysers::Masker& masker, core::ConstImageView crop);

// Area and region: of the face and of what became of it (u8, f32 or f64 BGR). matrix: frame -> crop.
void add_masks_of_result(FaceMasks& masks, analysers::Masker& masker, const core::Face& face,
                         const core::Affine& matrix, core::ConstImageView result);

// ops::paste_back, told to who looks at intermediate results.
void paste_face(const device::Site& site, core::ImageView frame, const device::Picture& face,
                const device::Picture& mask, const core::Affine& matrix);

}  // namespace facegraph::processors
