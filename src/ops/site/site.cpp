#include "ops/site/site.hpp"

#include "ops/blend/blend.hpp"
#include "ops/blend/blend_cuda.hpp"
#include "ops/blend/paste_back.hpp"
#include "ops/geometry/resize_cuda.hpp"
#include "ops/geometry/warp_cuda.hpp"
#include "ops/mask/mask_cuda.hpp"
#include "ops/tensor/tensor_cuda.hpp"

namespace facegraph::ops {

namespace {

device::Values<core::Affine> brought(const device::Site& site, const core::Affine& matrix) {
  return site.copy_in(std::span<const core::Affine>(&matrix, 1));
}

device::Picture plane(const device::Site& site, core::Size size) {
  return site.picture(size, 1, core::Depth::kF32);
}

}  // namespace

SiteTable::SiteTable(const device::Site& site, const ValueTable& table)
    : table_(site.copy_in(std::span<const ValueTable>(&table, 1))) {}

device::Picture warp_affine(const device::Site& site, core::ConstImageView in, const core::Affine& matrix,
                            core::Size size, Border border) {
  device::Picture out = site.picture(size, in.channels, in.depth);
  if (site.on_gpu()) {
    cuda::warp_affine(site.stream(), out, in, brought(site, matrix).data(), border);
  } else {
    warp_affine(out, in, matrix, border);
  }
  return out;
}

device::Picture resize(const device::Site& site, core::ConstImageView in, core::Size size) {
  device::Picture out = site.picture(size, in.channels, in.depth);
  if (site.on_gpu()) {
    cuda::resize(site.stream(), out, in);
  } else {
    resize(out, in);
  }
  return out;
}

void to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView in, const SiteTable& table,
               ChannelOrder order, Layout layout) {
  if (site.on_gpu()) {
    cuda::to_tensor(site.stream(), out, in, table.get(), order, layout);
  } else {
    to_tensor(out, in, *table.get(), order, layout);
  }
}

void float_to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView in, std::array<float, 3> mean,
                     std::array<float, 3> std_dev, ChannelOrder order, Layout layout) {
  if (site.on_gpu()) {
    cuda::float_to_tensor(site.stream(), out, in, mean, std_dev, order, layout);
  } else {
    float_to_tensor(out, in, mean, std_dev, order, layout);
  }
}

void to_image(const device::Site& site, core::ImageView out, std::span<const float> in, double mean,
              double standard_deviation) {
  if (site.on_gpu()) {
    cuda::to_image(site.stream(), out, in, mean, standard_deviation);
  } else {
    to_image(out, in, mean, standard_deviation);
  }
}

device::Picture occlusion_mask(const device::Site& site, std::span<const core::ConstImageView> outputs,
                               core::Size size) {
  if (!site.on_gpu()) {
    return occlusion_mask(outputs, size);
  }
  device::Picture out = plane(site, size);
  cuda::occlusion_mask(site.stream(), out, plane(site, size), outputs);
  return out;
}

device::Picture area_mask(const device::Site& site, core::Size size, const core::Landmark68& landmark,
                          std::span<const FaceMaskArea> areas) {
  if (!site.on_gpu()) {
    return area_mask(size, landmark, areas);
  }
  device::Picture out = plane(site, size);
  auto hull = site.values<Hull>(1);
  auto rows = site.values<HullRow>(static_cast<std::size_t>(size.height));
  const auto points = site.copy_in(std::span<const core::Landmark68>(&landmark, 1));
  cuda::area_mask(site.stream(), out, plane(site, size), {hull.data(), rows.data()}, points.data(), areas);
  return out;
}

device::Picture region_mask(const device::Site& site, core::Size size, std::span<const float> logits,
                            core::Size parser_size, std::span<const FaceMaskRegion> regions) {
  if (!site.on_gpu()) {
    return region_mask(size, logits, parser_size, regions);
  }
  device::Picture out = plane(site, size);
  cuda::region_mask(site.stream(), out, plane(site, size), plane(site, parser_size), logits.data(), logits.size(),
                    regions);
  return out;
}

device::Picture combine_masks(const device::Site& site, std::span<const core::ConstImageView> masks, core::Size size) {
  if (!site.on_gpu()) {
    return combine_masks(masks, size);
  }
  device::Picture out = plane(site, size);
  cuda::combine_masks(site.stream(), out, masks);
  return out;
}

void blend(const device::Site& site, core::ImageView out, core::ConstImageView below, core::ConstImageView above,
           double share) {
  if (site.on_gpu()) {
    cuda::blend(site.stream(), out, below, above, share);
  } else {
    blend(out, below, above, share);
  }
}

void paste_back(const device::Site& site, core::ImageView frame, core::ConstImageView crop, core::ConstImageView mask,
                const core::Affine& matrix) {
  if (site.on_gpu()) {
    auto area = site.values<PasteArea>(1);
    cuda::paste_back(site.stream(), frame, crop, mask, brought(site, matrix).data(), area.data());
  } else {
    paste_back(frame, crop, mask, matrix);
  }
}

void implode_tile(const device::Site& site, core::ImageView tile, core::ConstImageView crop, int factor, int a, int b) {
  if (site.on_gpu()) {
    cuda::implode_tile(site.stream(), tile, crop, factor, a, b);
  } else {
    implode_tile(tile, crop, factor, a, b);
  }
}

void explode_tile(const device::Site& site, core::ImageView crop, core::ConstImageView tile, int factor, int a, int b) {
  if (site.on_gpu()) {
    cuda::explode_tile(site.stream(), crop, tile, factor, a, b);
  } else {
    explode_tile(crop, tile, factor, a, b);
  }
}

}  // namespace facegraph::ops
