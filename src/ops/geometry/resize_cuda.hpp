// Twins of warp.hpp's resize and fits that a GPU runs: pictures lie in its memory. They enqueue and return; sizes,
// layouts and results are those of the CPU half. Errors: as the CPU half, and as of device::Gpu.
//
// Against the CPU half (Debian 12's OpenCV on x86-64): linear and area are equal bit by bit in every depth, but f32
// that is exactly halved on both sides, where sums of four run in another order: 1e-4 of 255. Cubic: f32 and f64 to
// 1e-3 of 255, 8 bits to one level, as OpenCV itself rounds the last columns of a row otherwise than the others.
#pragma once

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/geometry/warp.hpp"

namespace facegraph::ops::cuda {

void resize(const device::Stream& stream, core::ImageView out, core::ConstImageView in,
            Interpolation interpolation = Interpolation::kLinear);

void fit_contain(const device::Stream& stream, core::ImageView out, core::ConstImageView in);
// out.size() = cover_size(in.size(), size)
void fit_cover(const device::Stream& stream, core::ImageView out, core::ConstImageView in, core::Size size);

}  // namespace facegraph::ops::cuda
