// Twin of sharpen.hpp that a GPU runs: pictures and scratch lie in its memory. It enqueues and returns. Errors as of
// device::Gpu; Error(kFailed) for a picture that is not u8 of three channels, or a tensor of another size.
#pragma once

#include <cstdint>
#include <span>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/filter/sharpen.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::ops::cuda {

// to_tensor of the picture sharpened: equal to the CPU halves bit by bit where they run with AVX2; of a level that is
// off by one at most elsewhere. rows: scratch, as many values as the picture has.
void sharpened_to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView in,
                         std::uint16_t* rows, const ValueTable* table, ChannelOrder order, Layout layout);

}  // namespace facegraph::ops::cuda
