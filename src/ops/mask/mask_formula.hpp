// The arithmetic of masks, shared by the CPU loops and GPU kernels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/host_device.hpp"

namespace facegraph::ops {

constexpr double kFinishSigma = 5;
constexpr double kShrunkSigma = 6.25;

// NaN becomes 0.
FACEGRAPH_HD inline float clip_to_unit(float value) {
  return value > 0 ? (value < 1 ? value : 1) : 0;
}

// The end of the common finish: 0.5..1 to 0..1.
FACEGRAPH_HD inline float stretched(float value) {
  return ((value > 0.5F ? (value < 1 ? value : 1) : 0.5F) - 0.5F) * 2;
}

FACEGRAPH_HD inline std::uint8_t quantise(float value) {
  return static_cast<std::uint8_t>(static_cast<int>(clip_to_unit(value) * 255));
}

// wanted: as of wanted_classes().
FACEGRAPH_HD inline bool is_wanted(std::uint32_t wanted, std::size_t index) {
  return index < 32 && (wanted >> index & 1) != 0;
}

}  // namespace facegraph::ops
