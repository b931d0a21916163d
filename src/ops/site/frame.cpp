#include "ops/site/frame.hpp"

#include "ops/colour/colorize.hpp"
#include "ops/colour/colour_cuda.hpp"
#include "ops/matte/matte_cuda.hpp"
#include "ops/tile/tile_cuda.hpp"

namespace facegraph::ops {

namespace {

template <typename Table>
device::Values<Table> on_gpu(const device::Site& site, const Table& (*table)()) {
  return site.on_gpu() ? site.copy_in(std::span<const Table>(&table(), 1)) : device::Values<Table>();
}

}  // namespace

void tile_to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView frame, const Tile& tile,
                    int side, const SiteTable& table) {
  if (site.on_gpu()) {
    cuda::tile_to_tensor(site.stream(), out, frame, tile, side, table.get());
  } else {
    tile_to_tensor(out, frame, tile, side, *table.get());
  }
}

void tensor_to_core(const device::Site& site, core::ImageView out, std::span<const float> in, const Tile& tile,
                    int side, int scale) {
  if (site.on_gpu()) {
    cuda::tensor_to_core(site.stream(), out, in, tile, side, scale);
  } else {
    tensor_to_core(out, in, tile, side, scale);
  }
}

ColorizerTables::ColorizerTables(const device::Site& site)
    : greys(on_gpu(site, ddcolor_greys)), grid(on_gpu(site, lightness_grid)), lab(on_gpu(site, lab_tables)) {}

void ddcolor_input(const device::Site& site, std::span<float> out, core::ConstImageView frame, core::Size size,
                   const ColorizerTables& tables) {
  if (site.on_gpu()) {
    cuda::ddcolor_input(site.stream(), out, frame, size, tables.greys.data());
  } else {
    ddcolor_input(out, frame, size);
  }
}

void deoldify_input(const device::Site& site, std::span<float> out, core::ConstImageView frame, core::Size size) {
  if (site.on_gpu()) {
    cuda::deoldify_input(site.stream(), out, frame, size);
  } else {
    deoldify_input(out, frame, size);
  }
}

device::Picture ddcolor_output(const device::Site& site, core::ConstImageView frame, std::span<const float> in,
                               core::Size size, const ColorizerTables& tables) {
  device::Picture out = site.picture(frame.size(), frame.channels);
  if (site.on_gpu()) {
    cuda::ddcolor_output(site.stream(), out, frame, in, size, tables.grid.data());
  } else {
    ddcolor_output(out, frame, in, size);
  }
  return out;
}

device::Picture deoldify_output(const device::Site& site, core::ConstImageView frame, std::span<const float> in,
                                core::Size size, const ColorizerTables& tables) {
  device::Picture out = site.picture(frame.size(), frame.channels);
  if (site.on_gpu()) {
    cuda::deoldify_output(site.stream(), out, frame, in, size, tables.lab.data());
  } else {
    deoldify_output(out, frame, in, size);
  }
  return out;
}

void matte_to_mask(const device::Site& site, core::ImageView out, std::span<const float> in) {
  if (site.on_gpu()) {
    cuda::matte_to_mask(site.stream(), out, in);
  } else {
    matte_to_mask(out, in);
  }
}

void classes_to_mask(const device::Site& site, core::ImageView out, std::span<const float> in) {
  if (site.on_gpu()) {
    cuda::classes_to_mask(site.stream(), out, in);
  } else {
    classes_to_mask(out, in);
  }
}

void green_to_hint(const device::Site& site, std::span<float> out, core::ConstImageView frame, core::Size size) {
  if (site.on_gpu()) {
    cuda::green_to_hint(site.stream(), out, frame, size);
  } else {
    green_to_hint(out, frame, size);
  }
}

void despill(const device::Site& site, core::ImageView frame, const Rgba& colour) {
  if (site.on_gpu()) {
    cuda::despill(site.stream(), frame, colour);
  } else {
    despill(frame, colour);
  }
}

void fill_background(const device::Site& site, core::ImageView frame, core::ConstImageView mask, const Rgba& colour) {
  if (site.on_gpu()) {
    cuda::fill_background(site.stream(), frame, mask, colour);
  } else {
    fill_background(frame, mask, colour);
  }
}

void intersect_masks(const device::Site& site, core::ImageView mask, core::ConstImageView other) {
  if (site.on_gpu()) {
    cuda::intersect_masks(site.stream(), mask, other);
  } else {
    intersect_masks(mask, other);
  }
}

device::Picture i420(const device::Site& site, core::ConstImageView frame) {
  device::Picture out = site.picture(i420_size(frame.size()), 1);
  if (site.on_gpu()) {
    cuda::bgr_to_yuv420(site.stream(), i420_planes(out), frame);
  } else {
    bgr_to_yuv420(i420_planes(out), frame);
  }
  return out;
}

}  // namespace facegraph::ops
