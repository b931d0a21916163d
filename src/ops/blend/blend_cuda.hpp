// Twins of blend.hpp and paste_back.hpp that a GPU runs: pictures lie in its memory. They enqueue and return; sizes,
// layouts and results are those of the CPU half. Errors as of device::Gpu and of the CPU half.
#pragma once

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/blend/paste_back.hpp"

namespace facegraph::ops::cuda {

// Equal to the CPU half bit by bit where that runs with AVX2; within one level elsewhere.
void blend(const device::Stream& stream, core::ImageView out, core::ConstImageView below, core::ConstImageView above,
           double share);

// Equal to the CPU half bit by bit.
void paste_back(const device::Stream& stream, core::ImageView frame, core::ConstImageView crop,
                core::ConstImageView mask, const core::Affine& matrix);

// Equal to the CPU half bit by bit.
void implode_tile(const device::Stream& stream, core::ImageView tile, core::ConstImageView crop, int factor, int a,
                  int b);
void explode_tile(const device::Stream& stream, core::ImageView crop, core::ConstImageView tile, int factor, int a,
                  int b);

}  // namespace facegraph::ops::cuda
