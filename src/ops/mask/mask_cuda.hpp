// Twins of mask.hpp that a GPU runs: pictures and logits lie in its memory; landmarks and lists (areas, regions, masks)
// are the host's. They enqueue and return; sizes, layouts and results are those of the CPU half. Errors as of
// device::Gpu and of the CPU half.
//
// rows: scratch, an f32 plane of out's size, not out itself. "Equal": bit by bit where the CPU half runs with AVX2 and
// FMA, whose order of sums the blur keeps; elsewhere within 2e-6.
//
// box_mask has no twin: it depends on options alone; made once on the host, it is uploaded for all crops of a size.
#pragma once

#include <span>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/mask/mask.hpp"

namespace facegraph::ops::cuda {

// Equal. out may be in.
void finish_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, core::ConstImageView in);

// Equal, but where outputs are just twice the mask's size: within 1e-6.
void occlusion_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows,
                    std::span<const core::ConstImageView> outputs);

// Equal. At most 2048 pixels a side: what the area covers is found on the host.
void area_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows,
               const core::Landmark68& landmark, std::span<const FaceMaskArea> areas);

// Equal, but where the map is just twice the mask's size: within 1e-6. logits: [classes, map's height, map's width] of
// `count` values in all; map: scratch, an f32 plane.
void region_mask(const device::Stream& stream, core::ImageView out, core::ImageView rows, core::ImageView map,
                 const float* logits, std::size_t count, std::span<const FaceMaskRegion> regions);

// Equal bit by bit. Of at most eight masks; out may be one of them.
void combine_masks(const device::Stream& stream, core::ImageView out, std::span<const core::ConstImageView> masks);

// Equal bit by bit. out: u8.
void quantised(const device::Stream& stream, core::ImageView out, core::ConstImageView in);

}  // namespace facegraph::ops::cuda
