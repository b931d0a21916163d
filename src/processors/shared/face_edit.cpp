#include "processors/shared/face_edit.hpp"

#include "ops/blend/paste_back.hpp"
#include "ops/geometry/affine.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

analysers::MaskerOptions edge_masks(const core::OptionValues& values) {
  const analysers::MaskerOptions given = analysers::MaskerOptions::from(values);
  return {.occluder_model = given.occluder_model, .parser_model = "", .occlusion = given.occlusion, .blur = given.blur};
}

std::vector<core::Image> masks_of_crop(analysers::Masker& masker, core::ConstImageView crop) {
  std::vector<core::Image> masks;
  if (masker.options().box) {
    masks.push_back(masker.box_mask(crop.size()));
  }
  if (masker.options().occlusion) {
    masks.push_back(masker.occlusion_mask(crop));
  }
  return masks;
}

void add_masks_of_result(std::vector<core::Image>& masks, analysers::Masker& masker, const core::Face& face,
                         const core::Affine& matrix, core::ConstImageView result) {
  if (masker.options().area) {
    core::Landmark68 landmark = face.landmarks.sixty_eight;
    ops::transform_points(matrix, landmark);
    masks.push_back(masker.area_mask(result.size(), landmark));
  }
  if (masker.options().region) {
    masks.push_back(masker.region_mask(result));
  }
}

void paste_face(core::ImageView frame, core::ConstImageView face, core::ConstImageView mask,
                const core::Affine& matrix) {
  report_paste(face, mask, matrix);
  ops::paste_back(frame, face, mask, matrix);
}

}  // namespace facegraph::processors
