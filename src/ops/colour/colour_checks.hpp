// What the operators of colour.hpp, yuv.hpp and yuv_to_bgr_cuda.hpp ask of their arguments, on the CPU and on a GPU.
// All throw Error(kFailed).
#pragma once

#include "core/types/image.hpp"
#include "ops/colour/yuv.hpp"

namespace facegraph::ops {

void check_contrast(core::ConstImageView crop);
void check_alpha_frame(core::ConstImageView frame);
void check_alpha_mask(core::ConstImageView frame, core::ConstImageView mask);
// A result of 8 bits, the frame's size and so many channels.
void check_alpha_result(core::ConstImageView out, core::ConstImageView frame, int channels);
void check_yuv420(const YuvPlanes& out, core::ConstImageView bgr);
void check_decoded(core::ConstImageView bgr, core::Size decoded);

}  // namespace facegraph::ops
