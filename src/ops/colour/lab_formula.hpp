// OpenCV's Lab conversions for kernels. 8 bits: whole numbers and tables, equal to OpenCV's for all 2^24 colours in
// both directions. Floats: the lightness as OpenCV interpolates it between 33^3 colours, equal in every bit for colours
// of 8 bits; the way back by the formulas themselves, within 1e-4 of OpenCV's, which interpolates there too.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "ops/colour/lab_tables.hpp"

namespace facegraph::ops {

FACEGRAPH_HD inline int descaled(int value, int bits) {
  return (value + (1 << (bits - 1))) >> bits;
}

FACEGRAPH_HD inline int clip_to_byte(int value) {
  return value < 0 ? 0 : (value > 255 ? 255 : value);
}

struct LabPixel {
  std::uint8_t lightness;
  std::uint8_t a;
  std::uint8_t b;
};

struct RgbPixel {
  std::uint8_t red;
  std::uint8_t green;
  std::uint8_t blue;
};

FACEGRAPH_HD inline LabPixel to_lab(const LabTables& tables, const RgbPixel& rgb) {
  const int red = tables.linear[rgb.red];
  const int green = tables.linear[rgb.green];
  const int blue = tables.linear[rgb.blue];
  const int x = tables.cube_root[descaled(red * 1777 + green * 1541 + blue * 778, 12)];
  const int y = tables.cube_root[descaled(red * 871 + green * 2929 + blue * 296, 12)];
  const int z = tables.cube_root[descaled(red * 73 + green * 448 + blue * 3575, 12)];
  constexpr int kLightnessScale = (116 * 255 + 50) / 100;
  constexpr int kLightnessShift = -((16 * 255 * (1 << 15) + 50) / 100);
  constexpr int kMiddle = 128 * (1 << 15);
  return {static_cast<std::uint8_t>(clip_to_byte(descaled(kLightnessScale * y + kLightnessShift, 15))),
          static_cast<std::uint8_t>(clip_to_byte(descaled(500 * (x - y) + kMiddle, 15))),
          static_cast<std::uint8_t>(clip_to_byte(descaled(200 * (y - z) + kMiddle, 15)))};
}

// The cube of a value in 1/2^14, straight near zero.
FACEGRAPH_HD inline int lab_cube(int value) {
  constexpr int kOne = 1 << 14;
  if (value <= 3390) {
    return value * 108 / 841 - kOne * 16 / 116 * 108 / 841;
  }
  return static_cast<int>(static_cast<std::int64_t>(value) * value / kOne * value / kOne);
}

FACEGRAPH_HD inline RgbPixel to_rgb(const LabTables& tables, const LabPixel& lab) {
  constexpr int kOne = 1 << 14;
  const int y = tables.luminance[lab.lightness];
  const int root = tables.luminance_root[lab.lightness];
  const int x = lab_cube(root + ((5 * lab.a * 53687 + (1 << 7)) >> 13) - 128 * kOne / 500);
  const int z = lab_cube(root - (((lab.b * 41943 + (1 << 4)) >> 9) - 128 * kOne / 200 + 1));
  const auto level = [&](int kx, int ky, int kz) {
    const int linear = descaled(kx * x + ky * y + kz * z, 14);
    return tables.level[linear < 0 ? 0 : (linear > 4095 ? 4095 : linear)];
  };
  return {level(12615, -6296, -2223), level(-3773, 7684, 185), level(217, -836, 4715)};
}

// 0..100, of a colour of 8 bits.
FACEGRAPH_HD inline float lightness_of(const LightnessGrid& grid, int blue, int green, int red) {
  const int levels[3] = {blue, green, red};
  int cell[3];
  int share[3];
  for (int i = 0; i < 3; ++i) {
    const int position = static_cast<int>(rintf(static_cast<float>(levels[i] / 255.0) * 16384));
    cell[i] = position >> 9;
    share[i] = position >> 5 & 15;
  }
  int sum = 1 << 11;
  for (int corner = 0; corner < 8; ++corner) {
    int weight = 1;
    int index = 0;
    for (int i = 2; i >= 0; --i) {
      const int step = corner >> i & 1;
      weight *= step != 0 ? share[i] : 16 - share[i];
      index = index * LightnessGrid::kSide + (cell[i] + step < LightnessGrid::kSide ? cell[i] + step : cell[i]);
    }
    sum += weight * grid.values[index];
  }
  return static_cast<float>(sum >> 12) * 100.0F / 16384;
}

// The level of linear light 0..1, 0..1.
FACEGRAPH_HD inline float with_gamma(float light) {
  const float clipped = light > 0 ? (light < 1 ? light : 1) : 0;
  return clipped <= 0.0031308F ? clipped * 12.92F : 1.055F * powf(clipped, 1 / 2.4F) - 0.055F;
}

// Float Lab to blue, green, red, 0..1.
FACEGRAPH_HD inline std::array<float, 3> lab_to_bgr(float lightness, float a, float b) {
  const bool is_dark = lightness <= 8;
  const float dark = lightness / 903.3F;
  const float root = is_dark ? 7.787F * dark + 16.0F / 116 : (lightness + 16) / 116;
  const float y = is_dark ? dark : root * root * root;
  const auto cube = [](float value) {
    return value <= 6.0F / 29 ? (value - 16.0F / 116) / 7.787F : value * value * value;
  };
  const float x = cube(a / 500 + root) * 0.950456F;
  const float z = cube(root - b / 200) * 1.088754F;
  return {with_gamma(0.055648F * x - 0.204043F * y + 1.057311F * z),
          with_gamma(-0.969256F * x + 1.875991F * y + 0.041556F * z),
          with_gamma(3.240479F * x - 1.53715F * y - 0.498535F * z)};
}

}  // namespace facegraph::ops
