#include "processors/shared/face_edit.hpp"

#include <utility>

#include "ops/geometry/affine.hpp"
#include "ops/site/site.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

analysers::MaskerOptions edge_masks(const core::OptionValues& values) {
  const analysers::MaskerOptions given = analysers::MaskerOptions::from(values);
  return {.occluder_model = given.occluder_model, .parser_model = "", .occlusion = given.occlusion, .blur = given.blur};
}

void FaceMasks::add(device::Picture mask) {
  views_.push_back(mask.view());
  pictures_.push_back(std::move(mask));
}

device::Picture FaceMasks::combined(const device::Site& site, core::Size size) const {
  return ops::combine_masks(site, views_, size);
}

FaceMasks masks_of_crop(analysers::Masker& masker, core::ConstImageView crop) {
  FaceMasks masks;
  if (masker.options().box) {
    masks.add_view(masker.box_mask(crop.size()));
  }
  if (masker.options().occlusion) {
    masks.add(masker.occlusion_mask(crop));
  }
  return masks;
}

void add_masks_of_result(FaceMasks& masks, analysers::Masker& masker, const core::Face& face,
                         const core::Affine& matrix, core::ConstImageView result) {
  if (masker.options().area) {
    core::Landmark68 landmark = face.landmarks.sixty_eight;
    ops::transform_points(matrix, landmark);
    masks.add(masker.area_mask(result.size(), landmark));
  }
  if (masker.options().region) {
    masks.add(masker.region_mask(result));
  }
}

void paste_face(const device::Site& site, core::ImageView frame, const device::Picture& face,
                const device::Picture& mask, const core::Affine& matrix) {
  report_paste(site, face, mask, matrix);
  ops::paste_back(site, frame, face, mask, matrix);
}

}  // namespace facegraph::processors
