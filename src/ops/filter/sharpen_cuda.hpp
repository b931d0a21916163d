// Twin of sharpen.hpp that a GPU runs: pictures and scratch lie in its memory. It enqueues and returns. Errors as of
// device::Gpu; Error(kFailed) for pictures that are not alike.
#pragma once

#include <cstdint>

#include "core/types/image.hpp"
#include "device/gpu/stream.hpp"
#include "ops/filter/sharpen.hpp"

namespace facegraph::ops::cuda {

// Equal to the CPU half bit by bit where that runs with AVX2; within one level elsewhere. rows: scratch, as many values
// as the picture has. out may be in.
void sharpened(const device::Stream& stream, core::ImageView out, core::ConstImageView in, std::uint16_t* rows);

}  // namespace facegraph::ops::cuda
