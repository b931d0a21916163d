#include "analysers/shared/crop.hpp"

#include <fmt/core.h>

#include "core/base/probe.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

namespace {

void report(const core::Landmark5& points, ops::WarpTemplate name, const core::Affine& matrix,
            const core::Image& crop) {
  std::vector<double> values;
  for (const core::Point& point : points) {
    values.insert(values.end(), {point.x, point.y});
  }
  core::Probe* probe = core::probe();
  probe->numbers("warp_points", values);
  probe->text("warp_what", fmt::format("{} {}", ops::warp_template_name(name), crop.width()));
  probe->numbers("warp_matrix", matrix.m);
  probe->image("warp_crop", crop);
}

}  // namespace

std::optional<FaceCrop> crop_face(core::ConstImageView frame, const core::Landmark5& points, ops::WarpTemplate name,
                                  core::Size size, const device::Site& site) {
  const auto matrix = ops::estimate_similarity(points, name, size);
  if (!matrix) {
    return std::nullopt;
  }
  FaceCrop crop{ops::warp_affine(site, frame, *matrix, size, ops::Border::kReplicate), *matrix};
  if (core::probe() != nullptr) {
    report(points, name, crop.matrix, site.copy_out(crop.image));
  }
  return crop;
}

SiteCrops crop_on_site(std::span<const SiteFace> faces, ops::WarpTemplate name, core::Size size,
                       const device::Site& site) {
  SiteCrops crops;
  auto has = site.values<std::uint8_t>(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto& [frame, points] = faces[i];
    auto matrix = site.values<core::Affine>(1);
    ops::estimate_similarity(site, matrix.data(), has.data() + i, points, name, size);
    crops.images.push_back(ops::warp_affine(site, frame, matrix.data(), size, ops::Border::kReplicate));
    if (core::probe() != nullptr) {
      const auto at = site.fetch(std::span<const core::Landmark5>(points, 1));
      report(*at.data(), name, site.copy_out(matrix).front(), site.copy_out(crops.images.back()));
    }
  }
  crops.has = site.fetch(std::span<const std::uint8_t>(has.data(), has.size()));
  return crops;
}

}  // namespace facegraph::analysers
