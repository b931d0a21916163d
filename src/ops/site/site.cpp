#include "ops/site/site.hpp"

#include "ops/blend/blend.hpp"
#include "ops/blend/blend_cuda.hpp"
#include "ops/blend/paste_back.hpp"
#include "ops/colour/match.hpp"
#include "ops/colour/match_cuda.hpp"
#include "ops/filter/sharpen.hpp"
#include "ops/filter/sharpen_cuda.hpp"
#include "ops/geometry/affine_cuda.hpp"
#include "ops/geometry/resize_cuda.hpp"
#include "ops/geometry/warp_cuda.hpp"
#include "ops/mask/mask_cuda.hpp"
#include "ops/tensor/tensor_cuda.hpp"

namespace facegraph::ops {

namespace {

device::Picture plane(const device::Site& site, core::Size size) {
  return site.picture(size, 1, core::Depth::kF32);
}

}  // namespace

SiteTable::SiteTable(const device::Site& site, const ValueTable& table)
    : table_(site.copy_in(std::span<const ValueTable>(&table, 1))) {}

device::Picture warp_affine(const device::Site& site, core::ConstImageView in, const core::Affine& matrix,
                            core::Size size, Border border) {
  if (!site.on_gpu()) {
    return warp_affine(site, in, &matrix, size, border);
  }
  device::Picture out = site.picture(size, in.channels, in.depth);
  cuda::warp_affine(site.stream(), out, in, matrix, border);
  return out;
}

device::Picture warp_affine(const device::Site& site, core::ConstImageView in, const core::Affine* matrix,
                            core::Size size, Border border) {
  device::Picture out = site.picture(size, in.channels, in.depth);
  if (site.on_gpu()) {
    cuda::warp_affine(site.stream(), out, in, matrix, border);
  } else {
    warp_affine(out, in, *matrix, border);
  }
  return out;
}

void estimate_similarity(const device::Site& site, core::Affine* matrix, std::uint8_t* has,
                         const core::Landmark5* points, WarpTemplate name, core::Size size) {
  if (site.on_gpu()) {
    cuda::estimate_similarity(site.stream(), matrix, has, points, {1}, name, size);
  } else {
    const auto found = estimate_similarity(*points, name, size);
    *matrix = found.value_or(core::Affine{});
    *has = found ? 1 : 0;
  }
}

device::Picture resize(const device::Site& site, core::ConstImageView in, core::Size size,
                       Interpolation interpolation) {
  device::Picture out = site.picture(size, in.channels, in.depth);
  if (site.on_gpu()) {
    cuda::resize(site.stream(), out, in, interpolation);
  } else {
    resize(out, in, interpolation);
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

void sharpened_to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView in,
                         const SiteTable& table, ChannelOrder order, Layout layout) {
  if (site.on_gpu()) {
    auto rows = site.values<std::uint16_t>(out.size());
    cuda::sharpened_to_tensor(site.stream(), out, in, rows.data(), table.get(), order, layout);
  } else {
    to_tensor(out, sharpened(in), *table.get(), order, layout);
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
              double standard_deviation, ChannelOrder order) {
  if (site.on_gpu()) {
    cuda::to_image(site.stream(), out, in, mean, standard_deviation, order);
  } else {
    to_image(out, in, mean, standard_deviation, order);
  }
}

void to_picture(const device::Site& site, core::ImageView out, std::span<const float> in, Rounding rounding) {
  if (site.on_gpu()) {
    cuda::to_picture(site.stream(), out, in, rounding);
  } else {
    to_picture(out, in, rounding);
  }
}

void interleaved_to_picture(const device::Site& site, core::ImageView out, std::span<const float> in) {
  if (site.on_gpu()) {
    cuda::interleaved_to_picture(site.stream(), out, in);
  } else {
    interleaved_to_picture(out, in);
  }
}

core::ImageView as_plane(std::span<float> values, core::Size size) {
  return {reinterpret_cast<std::byte*>(values.data()),
          size.width,
          size.height,
          1,
          core::Depth::kF32,
          size.width * static_cast<std::ptrdiff_t>(sizeof(float))};
}

core::ConstImageView as_plane(std::span<const float> values, core::Size size) {
  return {reinterpret_cast<const std::byte*>(values.data()),      size.width, size.height, 1, core::Depth::kF32,
          size.width * static_cast<std::ptrdiff_t>(sizeof(float))};
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
  cuda::area_mask(site.stream(), out, plane(site, size), landmark, areas);
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
    cuda::paste_back(site.stream(), frame, crop, mask, matrix);
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

device::Picture match_colour(const device::Site& site, core::ConstImageView source, core::ConstImageView target) {
  if (!site.on_gpu()) {
    return match_colour(source, target);
  }
  device::Picture out = site.picture(target.size(), target.channels);
  auto fields = site.values<float>(cuda::match_fields(target.height));
  cuda::match_colour(site.stream(), out, source, target, fields.data());
  return out;
}

MatchedFace match_alike_face(const device::Site& site, core::ConstImageView source, core::ConstImageView target,
                             std::span<const core::ConstImageView> masks) {
  const core::Size size = target.size();
  if (!site.on_gpu()) {
    return {match_alike_colour(source, target), shrunk_mask(combine_masks(masks, size))};
  }
  MatchedFace face{site.picture(size, target.channels), plane(site, size)};
  device::Picture rows = plane(site, size);
  auto fields = site.values<float>(cuda::match_fields(size.height));
  auto likeness = site.values<LikenessScratch>(1);
  cuda::match_alike_colour(site.stream(), face.colours, source, target, fields.data(), likeness.data(),
                           shrink_programs(face.mask, rows, masks));
  return face;
}

}  // namespace facegraph::ops
