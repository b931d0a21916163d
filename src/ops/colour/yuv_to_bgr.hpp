// Decoded video pictures to BGR: the arithmetic of swscale's vector code, value by value. Chroma of 8 bit pictures is
// taken from the nearest sample, that of 10 bit ones is interpolated between rows (bicubic) and nearest within them.
// 8 bit: equal to swscale bit by bit for every matrix and range. 10 bit: equal too, but for the first and the last
// three rows, which swscale computes in other ways: there noise is off by up to 16 levels, a smooth picture by up to 5.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/host_device.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

// A picture as hardware decoders leave it, even sides: a plane of luma; below it in memory, or anywhere, one with the
// two chroma values of two by two pixels side by side.
struct SemiPlanarPicture {
  const std::byte* y = nullptr;
  const std::byte* uv = nullptr;
  std::ptrdiff_t y_stride = 0;  // bytes
  std::ptrdiff_t uv_stride = 0;
  core::Size size;
  bool deep = false;  // P010: 16 bit values, the ten high bits count; else NV12: bytes
};

enum class YuvMatrix { kBt601, kBt709, kBt2020 };  // BT.2020: non-constant luminance

// 2^13 times the matrix, as swscale rounds it. Values that it is applied to have 11 bits.
struct BgrCoefficients {
  std::int32_t y_offset;
  std::int32_t y;
  std::int32_t v_to_r;
  std::int32_t u_to_b;
  std::int32_t u_to_g;
  std::int32_t v_to_g;
};

constexpr BgrCoefficients bgr_coefficients(YuvMatrix matrix, bool full_range) {
  switch (matrix) {
    case YuvMatrix::kBt601:
      return full_range ? BgrCoefficients{0, 8192, 11485, 14516, -2819, -5850}
                        : BgrCoefficients{128, 9539, 13075, 16525, -3209, -6660};
    case YuvMatrix::kBt709:
      return full_range ? BgrCoefficients{0, 8192, 12901, 15201, -1534, -3835}
                        : BgrCoefficients{128, 9539, 14686, 17305, -1747, -4366};
    default:
      return full_range ? BgrCoefficients{0, 8192, 12080, 15412, -1348, -4680}
                        : BgrCoefficients{128, 9539, 13752, 17545, -1535, -5328};
  }
}

// The part of a pixel that its chroma decides.
struct ChromaShare {
  std::int32_t b;
  std::int32_t g;
  std::int32_t r;
};

// u, v: 11 bits.
FACEGRAPH_HD inline ChromaShare chroma_share(const BgrCoefficients& k, std::int32_t u, std::int32_t v) {
  constexpr std::int32_t kMiddle = 1024;
  const std::int32_t blue = u - kMiddle;
  const std::int32_t red = v - kMiddle;
  return {blue * k.u_to_b >> 16, (blue * k.u_to_g >> 16) + (red * k.v_to_g >> 16), red * k.v_to_r >> 16};
}

FACEGRAPH_HD inline std::uint8_t to_level(std::int32_t value) {
  return static_cast<std::uint8_t>(value < 0 ? 0 : (value > 255 ? 255 : value));
}

// y: 11 bits.
FACEGRAPH_HD inline void write_bgr(std::uint8_t* bgr, const BgrCoefficients& k, std::int32_t y,
                                   const ChromaShare& chroma) {
  const std::int32_t luma = (y - k.y_offset) * k.y >> 16;
  bgr[0] = to_level(luma + chroma.b);
  bgr[1] = to_level(luma + chroma.g);
  bgr[2] = to_level(luma + chroma.r);
}

// 2^12 times the weights of four successive chroma rows, for a picture's even rows; those of odd rows are mirrored.
// Bicubic, a = -0.6, a quarter of a row off.
FACEGRAPH_HD inline std::int32_t chroma_weight(int tap) {
  return tap == 0 ? -115 : (tap == 1 ? 985 : (tap == 2 ? 3572 : -346));
}

}  // namespace facegraph::ops
