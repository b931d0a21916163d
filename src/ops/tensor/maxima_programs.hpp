// The program of maxima_cuda.hpp.
#pragma once

#include <cstddef>
#include <limits>

#include "core/base/host_device.hpp"
#include "ops/tensor/maxima_cuda.hpp"

namespace facegraph::ops {

// A block program for each row.
struct RowMaxima {
  float* out;
  const float* in;
  int length;
  float* scratch;

  // Of every step-th value from `start` on.
  FACEGRAPH_HD static float maximum(const float* values, int start, int end, int step) {
    float best = -std::numeric_limits<float>::infinity();
    for (int i = start; i < end; i += step) {
      best = values[i] > best ? values[i] : best;
    }
    return best;
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int row) const {
    constexpr int kParts = cuda::kMaximaParts;
    float* parts = scratch + static_cast<std::ptrdiff_t>(row) * kParts;
    const float* values = in + static_cast<std::ptrdiff_t>(row) * length;
    block.for_each(kParts, [&](int part) { parts[part] = maximum(values, part, length, kParts); });
    block.for_each(1, [&](int) { out[row] = maximum(parts, 0, kParts, 1); });
  }
};

}  // namespace facegraph::ops
