// Twins of match.hpp that a GPU runs: pictures and scratch lie in its memory. They enqueue and return; sizes, layouts
// and results are those of the CPU half. Errors as of device::Gpu and of the CPU half; Error(kFailed) also for a target
// that is not square and for pictures of fewer than 16 pixels a side.
//
// Equal to the CPU half bit by bit where the target's width is a multiple of four; elsewhere OpenCV adds the last
// columns in another order: within one level. match_alike_colour: as blend (blend_cuda.hpp).
#pragma once

#include <cstddef>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/colour/match.hpp"
#include "ops/colour/match_scratch.hpp"
#include "ops/mask/shrink_programs.hpp"

namespace facegraph::ops::cuda {

// Values of the scratch `fields`, for a target of that height.
std::size_t match_fields(int height);

// out may be the target.
void match_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                  core::ConstImageView target, float* fields);

// Leaves the likeness in scratch->likeness: equal to the CPU half's but for the last bits (1e-12). mask: shrunk in the
// same launches.
void match_alike_colour(const device::Stream& stream, core::ImageView out, core::ConstImageView source,
                        core::ConstImageView target, float* fields, LikenessScratch* scratch,
                        const ShrinkPrograms& mask);

}  // namespace facegraph::ops::cuda
