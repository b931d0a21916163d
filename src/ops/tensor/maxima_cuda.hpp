// Twin of maxima.hpp that a GPU runs: rows and results lie in its memory. It enqueues and returns; results are equal to
// the CPU half's bit by bit, errors as there and as of device::Gpu.
#pragma once

#include <span>

#include "device/gpu/stream.hpp"
#include "ops/tensor/maxima.hpp"

namespace facegraph::ops::cuda {

// scratch: so many floats for each row.
constexpr int kMaximaParts = 64;
void row_maxima(const device::Stream& stream, std::span<float> out, std::span<const float> in, float* scratch);

}  // namespace facegraph::ops::cuda
