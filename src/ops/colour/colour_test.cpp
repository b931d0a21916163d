#include "ops/colour/colour.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

using test::difference;

core::Image pixel_of(std::initializer_list<int> values) {
  core::Image image(1, 1, static_cast<int>(values.size()));
  std::copy(values.begin(), values.end(), image.row<std::uint8_t>(0));
  return image;
}

std::vector<int> values_of(const core::Image& image) {
  const auto* row = image.row<std::uint8_t>(0);
  return {row, row + image.width() * image.channels()};
}

// spec: analysis.md B.10, but for its 201, where OpenCV 4.6 and 5.0 both give 200. A second, bright pixel keeps the
// picture's mean lightness above the dark limit.
TEST(BalanceContrast, MakesTheRoundTripOfTheSpec) {
  const std::vector<std::pair<std::vector<int>, std::vector<int>>> rows{
      {{237, 144, 149}, {238, 144, 150}}, {{12, 34, 56}, {12, 35, 57}},
      {{200, 100, 50}, {200, 101, 51}},   {{1, 1, 1}, {2, 2, 2}},
      {{255, 255, 255}, {255, 255, 255}}, {{0, 0, 0}, {0, 0, 0}}};
  for (const auto& [before, after] : rows) {
    core::Image crop(2, 1, 3);
    std::copy(before.begin(), before.end(), crop.row<std::uint8_t>(0));
    std::fill_n(crop.row<std::uint8_t>(0) + 3, 3, std::uint8_t{255});
    balance_contrast(crop);
    std::vector<int> result = values_of(crop);
    result.resize(3);
    EXPECT_EQ(result, after);
  }
}

// Two of the crops are dark and take the equalisation.
TEST(BalanceContrast, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/contrast.npz");
  for (int i = 0; i < 3; ++i) {
    core::Image crop = golden[fmt::format("in_crop{}", i)].image();
    balance_contrast(crop);
    EXPECT_EQ(difference(crop, golden[fmt::format("out_crop{}", i)]).max, 0) << "crop " << i;
  }
}

TEST(BalanceContrast, RefusesOtherPictures) {
  core::Image grey(4, 4, 1);
  EXPECT_THROW(balance_contrast(grey), core::Error);
  core::Image none(0, 0, 3);
  EXPECT_THROW(balance_contrast(none), core::Error);
}

TEST(Alpha, IsTakenApartAndPutTogether) {
  const core::Image four = pixel_of({1, 2, 3, 4});
  EXPECT_EQ(values_of(first_three_channels(four)), (std::vector{1, 2, 3}));
  EXPECT_EQ(values_of(extract_alpha(four)), std::vector{4});
  EXPECT_EQ(values_of(extract_alpha(pixel_of({1, 2, 3}))), std::vector{255});
  EXPECT_EQ(values_of(merge_alpha(pixel_of({1, 2, 3}), pixel_of({254}))), (std::vector{1, 2, 3, 254}));
  EXPECT_EQ(values_of(merge_alpha(four, pixel_of({255}))), (std::vector{1, 2, 3}));
  EXPECT_THROW(merge_alpha(four, core::Image(2, 1, 1)), core::Error);
  EXPECT_THROW(first_three_channels(pixel_of({1})), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
