#include "ops/tensor/maxima.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

// Several running maxima side by side: the compiler makes one vector of them.
float maximum(std::span<const float> values) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> best;
  best.fill(-std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      best[lane] = values[i + lane] > best[lane] ? values[i + lane] : best[lane];
    }
  }
  float result = *std::max_element(best.begin(), best.end());
  for (; i < values.size(); ++i) {
    result = std::max(result, values[i]);
  }
  return result;
}

}  // namespace

int row_length(std::size_t rows, std::size_t values) {
  if (rows == 0 || values % rows != 0) {
    core::fail(core::ErrorCode::kFailed, "row_maxima: {} values in {} rows, expected rows of equal length", values,
               rows);
  }
  return static_cast<int>(values / rows);
}

void row_maxima(std::span<float> out, std::span<const float> in) {
  const auto length = static_cast<std::size_t>(row_length(out.size(), in.size()));
  for (std::size_t row = 0; row < out.size(); ++row) {
    out[row] = maximum(in.subspan(row * length, length));
  }
}

}  // namespace facegraph::ops
