// The arithmetic of mattes, shared by the CPU loops and GPU kernels.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "ops/matte/matte.hpp"

namespace facegraph::ops {

// 0..1; NaN becomes 0.
FACEGRAPH_HD inline std::uint8_t matte_to_byte(float value) {
  return static_cast<std::uint8_t>(static_cast<int>((value > 0 ? (value < 1 ? value : 1) : 0) * 255));
}

// green and the stronger one of blue and red, 0..1
FACEGRAPH_HD inline float hint_of(float green, float other) {
  const float excess = 2 * (green - other);
  return 1 - (excess > 0 ? (excess < 1 ? excess : 1) : 0);
}

// What despill takes out: how much, and how much of it goes of each channel (BGR, in double). No alpha: nothing.
struct Light {
  float alpha;
  std::array<double, 3> weights;
};

inline Light light_of(const Rgba& colour) {
  const int strongest = std::max({colour.red, colour.green, colour.blue});
  if (strongest == 0) {
    return {};
  }
  const double scale = strongest;
  return {static_cast<float>(colour.alpha / 255.0), {colour.blue / scale, colour.green / scale, colour.red / scale}};
}

FACEGRAPH_HD inline void despill_pixel(std::uint8_t* pixel, const Light& light) {
  const std::array<float, 3> old{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]),
                                 static_cast<float>(pixel[2])};
  for (int c = 0; c < 3; ++c) {
    const float mean = 0.5F * (old[(c + 1) % 3] + old[(c + 2) % 3]);
    const float limit = mean < old[c] ? mean : old[c];
    const double value = old[c] + static_cast<double>((limit - old[c]) * light.alpha) * light.weights[c];
    pixel[c] = static_cast<std::uint8_t>(static_cast<int>(value));
  }
}

// How much of a colour lies over a pixel of that mask.
FACEGRAPH_HD inline float fill_share(int mask, int alpha) {
  return (1 - static_cast<float>(mask) / 255) * static_cast<float>(alpha) / 255;
}

FACEGRAPH_HD inline std::uint8_t filled(std::uint8_t value, float colour, float share) {
  return static_cast<std::uint8_t>(static_cast<int>(static_cast<float>(value) * (1 - share) + colour * share));
}

}  // namespace facegraph::ops
