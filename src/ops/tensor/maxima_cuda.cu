#include "ops/gpu/launch.cuh"
#include "ops/tensor/maxima_cuda.hpp"
#include "ops/tensor/maxima_programs.hpp"

namespace facegraph::ops::cuda {

void row_maxima(const device::Stream& stream, std::span<float> out, std::span<const float> in, float* scratch) {
  const int length = row_length(out.size(), in.size());
  for_each_block(stream, "row_maxima", static_cast<int>(out.size()), RowMaxima{out.data(), in.data(), length, scratch});
}

}  // namespace facegraph::ops::cuda
