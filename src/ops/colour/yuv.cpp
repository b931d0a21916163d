#include "ops/colour/yuv.hpp"

#include "ops/clones.hpp"
#include "ops/colour/colour_checks.hpp"
#include "ops/colour/yuv_formula.hpp"

namespace facegraph::ops {

namespace {

FACEGRAPH_CLONES void luma_row(std::uint8_t* __restrict y, const std::uint8_t* __restrict bgr, int width, bool plain) {
  for (int x = 0; x < width; ++x) {
    y[x] = luma_709(plain, bgr[3 * x], bgr[3 * x + 1], bgr[3 * x + 2]);
  }
}

// Two rows of the picture, one of chroma; width: of the chroma row.
FACEGRAPH_CLONES void chroma_row(std::uint8_t* __restrict u, std::uint8_t* __restrict v,
                                 const std::uint8_t* __restrict upper, const std::uint8_t* __restrict lower, int width,
                                 bool plain) {
  for (int x = 0; x < width; ++x) {
    const std::uint8_t* top = upper + 6 * x;
    const std::uint8_t* bottom = lower + 6 * x;
    const std::int32_t b = value_for_chroma(plain, top[0], top[3], bottom[0], bottom[3]);
    const std::int32_t g = value_for_chroma(plain, top[1], top[4], bottom[1], bottom[4]);
    const std::int32_t r = value_for_chroma(plain, top[2], top[5], bottom[2], bottom[5]);
    u[x] = chroma_709(plain, kCb709, b, g, r);
    v[x] = chroma_709(plain, kCr709, b, g, r);
  }
}

}  // namespace

void bgr_to_yuv420(const YuvPlanes& out, core::ConstImageView bgr) {
  check_yuv420(out, bgr);
  const core::Size half{bgr.width / 2, bgr.height / 2};
  for (int row = 0; row < half.height; ++row) {
    const auto* upper = bgr.row<std::uint8_t>(2 * row);
    const auto* lower = bgr.row<std::uint8_t>(2 * row + 1);
    const bool plain = is_plain_row(row, half.height);
    luma_row(out.y.row<std::uint8_t>(2 * row), upper, bgr.width, plain);
    luma_row(out.y.row<std::uint8_t>(2 * row + 1), lower, bgr.width, plain);
    chroma_row(out.u.row<std::uint8_t>(row), out.v.row<std::uint8_t>(row), upper, lower, half.width, plain);
  }
}

}  // namespace facegraph::ops
