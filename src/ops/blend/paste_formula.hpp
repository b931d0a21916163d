// The arithmetic of paste_back, shared by the CPU loop and a GPU kernel.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "ops/blend/paste_back.hpp"
#include "ops/geometry/warp_formula.hpp"

namespace facegraph::ops {

// NaN becomes 0, so that a broken matrix gives an empty area.
FACEGRAPH_HD inline int clip_to_side(double value, int side) {
  return value > 0 ? static_cast<int>(value < side ? value : static_cast<double>(side)) : 0;
}

FACEGRAPH_HD inline float clip_to_one(float value) {
  return value > 0 ? (value < 1 ? value : 1) : 0;
}

// frame * (1 - mask) is float32 for every crop type; a double crop makes the rest double. The cast truncates.
template <typename Real>
FACEGRAPH_HD inline std::uint8_t pasted(std::uint8_t frame, Real crop, float mask) {
  const float kept = static_cast<float>(frame) * (1 - mask);
  const Real sum = static_cast<Real>(kept) + crop * static_cast<Real>(mask);
  return static_cast<std::uint8_t>(static_cast<int>(sum));
}

FACEGRAPH_HD inline PasteArea paste_area_of(core::Size frame, core::Size crop, const core::Affine& matrix) {
  PasteArea area;
  double* m = area.matrix.m.data();
  invert(matrix.m.data(), m);
  double left = m[2];
  double right = m[2];
  double top = m[5];
  double bottom = m[5];
  for (int corner = 1; corner < 4; ++corner) {
    const double cx = corner == 3 ? 0 : crop.width;
    const double cy = corner == 1 ? 0 : crop.height;
    const double x = m[0] * cx + m[1] * cy + m[2];
    const double y = m[3] * cx + m[4] * cy + m[5];
    left = x < left ? x : left;
    right = x > right ? x : right;
    top = y < top ? y : top;
    bottom = y > bottom ? y : bottom;
  }
  // Rounding (half to even) is monotonic, so the extremes may be taken first.
  area.x1 = clip_to_side(rint(left), frame.width);
  area.y1 = clip_to_side(rint(top), frame.height);
  area.x2 = clip_to_side(rint(right), frame.width);
  area.y2 = clip_to_side(rint(bottom), frame.height);
  m[2] -= area.x1;
  m[5] -= area.y1;
  return area;
}

}  // namespace facegraph::ops
