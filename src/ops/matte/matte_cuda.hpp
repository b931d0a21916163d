// Twins of matte.hpp that a GPU runs: pictures and tensors lie in its memory. They enqueue and return; sizes, layouts
// and results are those of the CPU half. Errors as of device::Gpu and of the CPU half.
#pragma once

#include <span>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/matte/matte.hpp"

namespace facegraph::ops::cuda {

// All equal to the CPU half bit by bit, but for green_to_hint of a frame of just twice the size: within 2e-7.
void matte_to_mask(const device::Stream& stream, core::ImageView out, std::span<const float> in);
void classes_to_mask(const device::Stream& stream, core::ImageView out, std::span<const float> in);
void green_to_hint(const device::Stream& stream, std::span<float> out, core::ConstImageView frame, core::Size size);
void despill(const device::Stream& stream, core::ImageView frame, const Rgba& colour);
void fill_background(const device::Stream& stream, core::ImageView frame, core::ConstImageView mask,
                     const Rgba& colour);
void intersect_masks(const device::Stream& stream, core::ImageView mask, core::ConstImageView other);

}  // namespace facegraph::ops::cuda
