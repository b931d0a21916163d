// Twins of tensor.hpp that a GPU runs: pictures, tensors and tables lie in its memory. They enqueue and return; sizes,
// layouts, results and errors are those of the CPU half, and errors as of device::Gpu. All are equal to the CPU half
// bit by bit.
#pragma once

#include <array>
#include <span>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::ops::cuda {

void to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView in, const ValueTable* table,
               ChannelOrder order, Layout layout);

void float_to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView in,
                     std::array<float, 3> mean, std::array<float, 3> std_dev, ChannelOrder order, Layout layout);

void to_image(const device::Stream& stream, core::ImageView out, std::span<const float> in, double mean,
              double standard_deviation, ChannelOrder order = ChannelOrder::kRgb);

void to_picture(const device::Stream& stream, core::ImageView out, std::span<const float> in, Rounding rounding);
void interleaved_to_picture(const device::Stream& stream, core::ImageView out, std::span<const float> in);

// ratio and the result lie on the host: sizes decide them.
bool letterbox(const device::Stream& stream, std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame,
               std::array<int, 4> margin, core::Size size, const ValueTable* table);

}  // namespace facegraph::ops::cuda
