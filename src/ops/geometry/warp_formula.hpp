// The per-pixel arithmetic of warp_affine, shared by the CPU loop and a GPU kernel. spec: analysis.md appendix A.1.
// Products and sums must stay separate operations (no fused multiply-add), or results differ in the last bit.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/base/host_device.hpp"

namespace facegraph::ops {

// The matrix that undoes this one; of a degenerate one zeros.
FACEGRAPH_HD inline void invert(const double* m, double* inverse) {
  const double determinant = m[0] * m[4] - m[1] * m[3];
  const double d = determinant != 0 ? 1 / determinant : 0;
  const double a = m[4] * d;
  const double b = -m[1] * d;
  const double c = -m[3] * d;
  const double e = m[0] * d;
  inverse[0] = a;
  inverse[1] = b;
  inverse[2] = -a * m[2] - b * m[5];
  inverse[3] = c;
  inverse[4] = e;
  inverse[5] = -c * m[2] - e * m[5];
}

// A source coordinate: the tap at or below it, -2 .. side, and the fraction towards the next one.
struct TapPosition {
  std::int32_t index;
  float fraction;
};

// NaN becomes `low`.
template <typename Real>
FACEGRAPH_HD inline Real clamp_coordinate(Real value, Real low, Real high) {
  return value > low ? (value < high ? value : high) : low;
}

// u8 and f32 pictures: coordinates below -2 and beyond `side` see nothing but border, like -2 and `side` themselves.
// step: inverse matrix's first column, row_offset: y * second column + third, all float32.
FACEGRAPH_HD inline TapPosition tap_position(int x, float step, float row_offset, int side) {
  const float value = clamp_coordinate(static_cast<float>(x) * step + row_offset, -2.0F, static_cast<float>(side));
  const auto truncated = static_cast<std::int32_t>(value);
  const std::int32_t index = truncated - (value < static_cast<float>(truncated) ? 1 : 0);
  return {index, value - static_cast<float>(index)};
}

FACEGRAPH_HD inline float bilinear(float p00, float p01, float p10, float p11, float fx, float fy) {
  const float top = p00 + fx * (p01 - p00);
  const float bottom = p10 + fx * (p11 - p10);
  return top + fy * (bottom - top);
}

// Nearest, ties to even, for 0 <= value < 2^22: adding 1.5 * 2^23 leaves the integer in the low bits of the mantissa.
FACEGRAPH_HD inline std::uint32_t round_half_even(float value) {
  const float shifted = value + 12582912.0F;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &shifted, sizeof(bits));
  return bits & 0x003fffffU;
}

// The same for |value| < 2^51; stays a double.
FACEGRAPH_HD inline double round_half_even(double value) {
  return (value + 6755399441055744.0) - 6755399441055744.0;
}

// f64 pictures: positions in 1/1024 pixel, rounded to 1/32 pixel. row_offset: fixed_row_offset() of the row.
FACEGRAPH_HD inline double fixed_row_offset(double offset) {
  return round_half_even(offset * 1024) + 16;
}

FACEGRAPH_HD inline TapPosition fixed_tap_position(int x, double step, double row_offset, int side) {
  constexpr double kLimit = 1 << 30;
  const double value = clamp_coordinate(row_offset + round_half_even(step * x * 1024), -kLimit, kLimit);
  const std::int32_t position = static_cast<std::int32_t>(value) >> 5;
  // The fraction stays what it is beyond the border: the weights' rounding shows in the last bit even between equal
  // taps.
  const std::int32_t index = position >> 5;
  return {index < -2 ? -2 : (index < side ? index : side), static_cast<float>(position & 31) * (1.0F / 32)};
}

// The weights are multiples of 1/1024 and exact in float.
FACEGRAPH_HD inline double bilinear(double p00, double p01, double p10, double p11, float fx, float fy) {
  return p00 * ((1 - fx) * (1 - fy)) + p01 * (fx * (1 - fy)) + p10 * ((1 - fx) * fy) + p11 * (fx * fy);
}

}  // namespace facegraph::ops
