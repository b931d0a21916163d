// The arithmetic of tiles, shared by the CPU loop and a GPU kernel.
#pragma once

#include <cstdint>

#include "core/base/host_device.hpp"

namespace facegraph::ops {

// 0..1 to 0..255, clipped, truncated. NaN becomes 0.
FACEGRAPH_HD inline std::uint8_t unit_to_byte(float value) {
  const float scaled = value * 255;
  return static_cast<std::uint8_t>(static_cast<int>(scaled > 0 ? (scaled < 255 ? scaled : 255.0F) : 0.0F));
}

}  // namespace facegraph::ops
