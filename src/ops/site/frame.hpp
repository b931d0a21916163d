// Operators of whole frames on a site, as site.hpp: tiles, colours, what stands before a background.
#pragma once

#include <array>
#include <span>

#include "core/types/image.hpp"
#include "device/site.hpp"
#include "ops/colour/lab_tables.hpp"
#include "ops/matte/matte.hpp"
#include "ops/site/site.hpp"
#include "ops/tile/tiles.hpp"

namespace facegraph::ops {

void tile_to_tensor(const device::Site& site, std::span<float> out, core::ConstImageView frame, const Tile& tile,
                    int side, const SiteTable& table);
void tensor_to_core(const device::Site& site, core::ImageView out, std::span<const float> in, const Tile& tile,
                    int side, int scale);

// What the colorizers' operators look up on a GPU; on the host they have it, and these are empty.
struct ColorizerTables {
  explicit ColorizerTables(const device::Site& site);

  device::Values<std::array<float, 256>> greys;
  device::Values<LightnessGrid> grid;
  device::Values<LabTables> lab;
};

void ddcolor_input(const device::Site& site, std::span<float> out, core::ConstImageView frame, core::Size size,
                   const ColorizerTables& tables);
void deoldify_input(const device::Site& site, std::span<float> out, core::ConstImageView frame, core::Size size);
device::Picture ddcolor_output(const device::Site& site, core::ConstImageView frame, std::span<const float> in,
                               core::Size size, const ColorizerTables& tables);
device::Picture deoldify_output(const device::Site& site, core::ConstImageView frame, std::span<const float> in,
                                core::Size size, const ColorizerTables& tables);

void matte_to_mask(const device::Site& site, core::ImageView out, std::span<const float> in);
void classes_to_mask(const device::Site& site, core::ImageView out, std::span<const float> in);
void green_to_hint(const device::Site& site, std::span<float> out, core::ConstImageView frame, core::Size size);
void despill(const device::Site& site, core::ImageView frame, const Rgba& colour);
void fill_background(const device::Site& site, core::ImageView frame, core::ConstImageView mask, const Rgba& colour);
void intersect_masks(const device::Site& site, core::ImageView mask, core::ConstImageView other);

// A BGR frame of even sides as encoders take it: i420_planes() of the picture (ops/colour/yuv.hpp).
device::Picture i420(const device::Site& site, core::ConstImageView frame);

}  // namespace facegraph::ops
