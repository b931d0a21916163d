// Twins of warp.hpp that a GPU runs: pictures, and what is passed by pointer, lie in its memory. They enqueue and
// return; sizes, layouts and results are those of the CPU half. Errors as of device::Gpu.
#pragma once

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/geometry/warp.hpp"

namespace facegraph::ops::cuda {

// Equal to the CPU half bit by bit. The matrix lies on the host, or by pointer on the GPU.
void warp_affine(const device::Stream& stream, core::ImageView out, core::ConstImageView in, const core::Affine& matrix,
                 Border border);
void warp_affine(const device::Stream& stream, core::ImageView out, core::ConstImageView in, const core::Affine* matrix,
                 Border border);

}  // namespace facegraph::ops::cuda
