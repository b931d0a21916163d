// Twins of match.hpp that a GPU runs: pictures and scratch lie in its memory. They enqueue and return; sizes, layouts
// and results are those of the CPU half. Errors as of device::Gpu and of the CPU half; Error(kFailed) also for pictures
// with fewer pixels a side than fields.
//
// Equal to the CPU half bit by bit where the target's width is a multiple of four; elsewhere OpenCV adds the last
// columns in another order: within one level. match_alike_colour: as blend (blend_cuda.hpp).
#pragma once

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/colour/match.hpp"
#include "ops/colour/match_scratch.hpp"

namespace facegraph::ops::cuda {

// fields: scratch, 3 * size * size values. out may be the source or the target.
void equalise_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                     core::ConstImageView target, int size, float* fields);

// fields: scratch, 3 * target.height^2 values. out is neither of the others.
void match_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                  core::ConstImageView target, float* fields);

// Leaves the likeness in scratch->likeness. Equal to the CPU half's but for the last bits (1e-12).
void colour_likeness(const device::Stream& stream, LikenessScratch* scratch, core::ConstImageView source,
                     core::ConstImageView target);

void match_alike_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                        core::ConstImageView target, float* fields, LikenessScratch* scratch);

}  // namespace facegraph::ops::cuda
