#include "ops/colour/yuv.hpp"

#include <array>
#include <utility>

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace facegraph::ops {
namespace {

struct Converted {
  explicit Converted(core::ConstImageView bgr) : i420(i420_size(bgr.size()), 1), planes(i420_planes(i420)) {
    bgr_to_yuv420(planes, bgr);
  }
  core::Image i420;
  YuvPlanes planes;
};

// BT.709, limited range, from the standard's definition.
struct Real {
  double y;
  double cb;
  double cr;
};
Real definition(double b, double g, double r) {
  const double luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return {16 + luma * 219 / 255, 128 + (b - luma) / 1.8556 * 224 / 255, 128 + (r - luma) / 1.5748 * 224 / 255};
}

TEST(BgrToYuv420, FollowsTheStandard) {
  core::Image bgr(66, 34, 3);
  for (std::size_t i = 0; i < bgr.bytes(); ++i) {
    bgr.row<std::uint8_t>(0)[i] = static_cast<std::uint8_t>((i * 7919 + i / 5) % 251);
  }
  const Converted converted(bgr);
  const YuvPlanes& planes = converted.planes;
  for (int y = 0; y < 34; ++y) {
    for (int x = 0; x < 66; ++x) {
      const auto* p = bgr.row<std::uint8_t>(y) + 3 * x;
      EXPECT_NEAR(planes.y.row<std::uint8_t>(y)[x], definition(p[0], p[1], p[2]).y - 0.5, 0.53);
    }
  }
  for (int y = 0; y < 17; ++y) {
    for (int x = 0; x < 33; ++x) {
      const bool plain = y == 0 || y == 16;  // takes one pixel of four
      double mean[3] = {};
      for (int k = 0; k < 12; ++k) {
        mean[k % 3] += bgr.row<std::uint8_t>(2 * y + (plain ? 0 : k / 6))[6 * x + (plain ? k % 3 : k % 6)] / 4.0;
      }
      const Real expected = definition(mean[0], mean[1], mean[2]);
      EXPECT_NEAR(planes.u.row<std::uint8_t>(y)[x], expected.cb - 0.5, 1.2);
      EXPECT_NEAR(planes.v.row<std::uint8_t>(y)[x], expected.cr - 0.5, 1.2);
    }
  }
}

TEST(BgrToYuv420, BlackWhiteAndPrimariesStayInRange) {
  for (const auto& [colour, expected] : {std::pair{std::array<int, 3>{0, 0, 0}, std::array<int, 3>{16, 128, 128}},
                                         {{255, 255, 255}, {235, 128, 128}},
                                         {{255, 0, 0}, {31, 240, 118}},
                                         {{0, 0, 255}, {62, 102, 240}}}) {
    core::Image bgr(2, 2, 3);
    for (std::size_t i = 0; i < bgr.bytes(); ++i) {
      bgr.row<std::uint8_t>(0)[i] = static_cast<std::uint8_t>(colour[i % 3]);
    }
    const Converted converted(bgr);
    const YuvPlanes& planes = converted.planes;
    EXPECT_NEAR(planes.y.row<std::uint8_t>(0)[0], expected[0], 1);
    EXPECT_NEAR(planes.u.row<std::uint8_t>(0)[0], expected[1], 1);
    EXPECT_NEAR(planes.v.row<std::uint8_t>(0)[0], expected[2], 1);
  }
}

TEST(BgrToYuv420, OddSidesAreRefused) {
  const core::Image bgr = core::Image::zeros(3, 2, 3);
  EXPECT_THROW(Converted{bgr}, core::Error);
}

}  // namespace
}  // namespace facegraph::ops
