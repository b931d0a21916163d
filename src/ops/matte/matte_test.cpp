#include "ops/matte/matte.hpp"

#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using Pixel = std::vector<int>;

core::Image one_pixel(const Pixel& bgr) {
  core::Image image(1, 1, 3);
  std::copy(bgr.begin(), bgr.end(), image.row<std::uint8_t>(0));
  return image;
}

Pixel first_pixel(const core::Image& image) {
  const auto* values = image.row<std::uint8_t>(0);
  return {values, values + image.channels()};
}

Rgba rgba(const test::Array& array) {
  const auto values = array.as<std::int64_t>();
  const auto at = [&](std::size_t i) { return static_cast<int>(values[i]); };
  return {at(0), at(1), at(2), at(3)};
}

TEST(Background, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/background.npz");
  const core::Image frame = golden["in_frame"].image();
  for (const std::string number : {"0", "1", "2"}) {
    core::Image filled = core::Image::copy_of(frame);
    fill_background(filled, golden["in_mask"].image(), rgba(golden["in_fill" + number]));
    EXPECT_EQ(test::difference(filled, golden["out_fill" + number]).max, 0) << number;
    core::Image despilled = core::Image::copy_of(frame);
    despill(despilled, rgba(golden["in_despill" + number]));
    EXPECT_EQ(test::difference(despilled, golden["out_despill" + number]).max, 0) << number;
  }
  core::Image mask(40, 40, 1);
  matte_to_mask(mask, golden["in_matte"].as<float>());
  EXPECT_EQ(test::difference(mask, golden["out_matte"]).max, 0);
}

// spec: portrait-frame-processors.md 12
TEST(Background, MeetsTheVectorsOfTheSpec) {
  core::Image pixel = one_pixel({40, 180, 90});
  despill(pixel, {0, 255, 0, 255});
  EXPECT_EQ(first_pixel(pixel), (Pixel{40, 65, 90}));
  pixel = one_pixel({40, 180, 90});
  despill(pixel, {0, 255, 0, 128});
  EXPECT_EQ(first_pixel(pixel), (Pixel{40, 122, 90}));
  pixel = one_pixel({40, 180, 90});
  core::Image mask(1, 1, 1);
  *mask.row<std::uint8_t>(0) = 100;
  fill_background(pixel, mask, {12, 200, 33, 128});
  EXPECT_EQ(first_pixel(pixel), (Pixel{37, 186, 66}));
}

TEST(MatteToMask, ClipsAndTruncates) {
  core::Image mask(4, 1, 1);
  matte_to_mask(mask, std::vector<float>{-1, 0.999F, 7, std::nanf("")});
  EXPECT_EQ(std::vector<int>(mask.row<std::uint8_t>(0), mask.row<std::uint8_t>(0) + 4),
            (std::vector<int>{0, 254, 255, 0}));
  EXPECT_THROW(matte_to_mask(mask, std::vector<float>(5)), core::Error);
}

TEST(ClassesToMask, TheFirstOfEqualScoresWins) {
  core::Image mask(4, 1, 1);
  // Background; two classes of clothes.
  classes_to_mask(mask, std::vector<float>{1, 1, 1, 1, 1, 2, 0, 0, 1, 0, 2, 0});
  EXPECT_EQ(std::vector<int>(mask.row<std::uint8_t>(0), mask.row<std::uint8_t>(0) + 4),
            (std::vector<int>{0, 255, 255, 0}));
  EXPECT_THROW(classes_to_mask(mask, std::vector<float>(4)), core::Error);
  EXPECT_THROW(classes_to_mask(mask, std::vector<float>(9)), core::Error);
}

TEST(GreenToHint, IsOneWhereNothingIsGreen) {
  float hint = -1;
  const auto hint_of = [&](const Pixel& bgr) {
    green_to_hint({&hint, 1}, one_pixel(bgr), {1, 1});
    return hint;
  };
  EXPECT_EQ(hint_of({200, 200, 10}), 1);
  EXPECT_EQ(hint_of({0, 255, 0}), 0);
  EXPECT_EQ(hint_of({10, 200, 50}), 0);
  EXPECT_NEAR(hint_of({100, 151, 60}), 1 - 2 * 51 / 255.0, 1e-6);
  EXPECT_NEAR(hint_of({60, 151, 100}), 1 - 2 * 51 / 255.0, 1e-6);
}

TEST(IntersectMasks, KeepsTheDarker) {
  core::Image mask(2, 1, 1);
  core::Image other(2, 1, 1);
  mask.row<std::uint8_t>(0)[0] = 3;
  mask.row<std::uint8_t>(0)[1] = 200;
  other.row<std::uint8_t>(0)[0] = 40;
  other.row<std::uint8_t>(0)[1] = 100;
  intersect_masks(mask, other);
  EXPECT_EQ(first_pixel(mask), Pixel{3});
  EXPECT_EQ(mask.row<std::uint8_t>(0)[1], 100);
  EXPECT_THROW(intersect_masks(mask, core::Image(1, 1, 1)), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
