// Decoded pictures to BGR on a GPU; there is no CPU half, as swscale does the same on the host (media).
#pragma once

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/colour/yuv_to_bgr.hpp"

namespace facegraph::ops::cuda {

// bgr: u8, 3 channels, the picture's size. Enqueues and returns; both lie in the GPU's memory. Throws Error(kFailed)
// for sides that are odd or differ, and as device::Gpu does.
void yuv_to_bgr(const device::Stream& stream, core::ImageView bgr, const SemiPlanarPicture& in, YuvMatrix matrix,
                bool full_range);

}  // namespace facegraph::ops::cuda
