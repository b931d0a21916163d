// The pixel program of yuv_to_bgr.hpp.
#pragma once

#include "ops/colour/yuv_to_bgr.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// Over pairs of pixels, which share their chroma: half the picture's width.
struct YuvToBgrPixels {
  core::ImageView bgr;
  SemiPlanarPicture in;
  BgrCoefficients k;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const ChromaShare chroma = in.deep ? chroma_share(k, deep_chroma(2 * x, y), deep_chroma(2 * x + 1, y))
                                       : chroma_share(k, 8 * chroma_at(2 * x, y / 2), 8 * chroma_at(2 * x + 1, y / 2));
    auto* out = pixel_at<std::uint8_t>(bgr, 2 * x, y);
    write_bgr(out, k, luma(2 * x, y), chroma);
    write_bgr(out + 3, k, luma(2 * x + 1, y), chroma);
  }

 private:
  static constexpr std::int32_t kHalf = 4;  // of a level, among 11 bits

  FACEGRAPH_HD static std::int32_t value(const std::byte* row, int i) { return static_cast<std::int32_t>(row[i]); }
  // Ten bits.
  FACEGRAPH_HD static std::int32_t deep_value(const std::byte* row, int i) {
    return reinterpret_cast<const std::uint16_t*>(row)[i] >> 6;
  }

  FACEGRAPH_HD std::int32_t luma(int x, int y) const {
    const std::byte* row = in.y + y * in.y_stride;
    return in.deep ? 2 * deep_value(row, x) + kHalf : 8 * value(row, x);
  }
  FACEGRAPH_HD std::int32_t chroma_at(int i, int row) const { return value(in.uv + row * in.uv_stride, i); }
  FACEGRAPH_HD std::int32_t deep_chroma(int i, int y) const {
    const bool odd = (y & 1) != 0;
    const int first = y / 2 - (odd ? 1 : 2);
    std::int32_t sum = kHalf;
    for (int tap = 0; tap < 4; ++tap) {
      const int row = clamp_index(first + tap, in.size.height / 2);
      sum += (deep_value(in.uv + row * in.uv_stride, i) << 5) * chroma_weight(odd ? 3 - tap : tap) >> 16;
    }
    return sum;
  }
};

}  // namespace facegraph::ops
