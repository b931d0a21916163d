#include "analysers/shared/crop.hpp"

#include <fmt/core.h>

#include "core/base/probe.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

std::optional<FaceCrop> crop_face(core::ConstImageView frame, const core::Landmark5& points, ops::WarpTemplate name,
                                  core::Size size, const device::Site& site) {
  const auto matrix = ops::estimate_similarity(points, name, size);
  if (!matrix) {
    return std::nullopt;
  }
  FaceCrop crop{ops::warp_affine(site, frame, *matrix, size, ops::Border::kReplicate), *matrix};
  if (core::Probe* probe = core::probe()) {
    std::vector<double> values;
    for (const core::Point& point : points) {
      values.insert(values.end(), {point.x, point.y});
    }
    probe->numbers("warp_points", values);
    probe->text("warp_what", fmt::format("{} {}", ops::warp_template_name(name), size.width));
    probe->numbers("warp_matrix", crop.matrix.m);
    probe->image("warp_crop", site.copy_out(crop.image));
  }
  return crop;
}

}  // namespace facegraph::analysers
