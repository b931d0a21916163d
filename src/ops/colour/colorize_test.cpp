#include "ops/colour/colorize.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{192, 192};

std::vector<float> floats(const test::Array& array) {
  const std::vector<double> values = array.doubles();
  return {values.begin(), values.end()};
}

// Every third row and column of the planes against the golden ones.
double farthest(const std::vector<float>& tensor, const test::Array& golden) {
  const std::vector<double> expected = golden.doubles();
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t c = i / (64 * 64);
    const std::size_t y = i / 64 % 64 * 3;
    const std::size_t x = i % 64 * 3;
    worst = std::max(worst, std::abs(tensor[(c * 192 + y) * 192 + x] - expected[i]));
  }
  return worst;
}

// spec: portrait-frame-processors.md 12
TEST(DdcolorGreys, MeetTheVectorsOfTheSpec) {
  const std::array<float, 256>& greys = ddcolor_greys();
  for (const auto& [level, value] : {std::pair<int, double>{0, 0},
                                     {1, 0.00393082},
                                     {16, 0.06249335},
                                     {64, 0.25000644},
                                     {127, 0.49809387},
                                     {128, 0.50193834},
                                     {200, 0.78324181},
                                     {253, 0.99029469},
                                     {255, 1}}) {
    EXPECT_NEAR(greys[static_cast<std::size_t>(level)], value, 1e-6) << level;
  }
}

TEST(Colorize, InputsMeetTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/colorizer.npz");
  const core::Image frame = golden["in_frame"].image();
  std::vector<float> tensor(3 * 192 * 192);
  ddcolor_input(tensor, frame, kSize);
  EXPECT_LE(farthest(tensor, golden["out_tensor_ddcolor@3"]), 5e-6);
  deoldify_input(tensor, frame, kSize);
  EXPECT_EQ(farthest(tensor, golden["out_tensor_deoldify@3"]), 0);
}

TEST(Colorize, OutputsMeetTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/colorizer.npz");
  const core::Image frame = golden["in_frame"].image();
  core::Image coloured(frame.size(), 3);
  ddcolor_output(coloured, frame, floats(golden["in_net_ddcolor"]), kSize);
  EXPECT_LE(test::difference(coloured, golden["out_merged_ddcolor"]).max, 1);
  EXPECT_LE(test::difference(coloured, golden["out_merged_ddcolor"]).mean, 0.001);
  // Truncation after the enlargement: where a value is almost whole, its last bit decides.
  deoldify_output(coloured, frame, floats(golden["in_net_deoldify"]), kSize);
  EXPECT_LE(test::difference(coloured, golden["out_merged_deoldify"]).max, 2);
  EXPECT_LE(test::difference(coloured, golden["out_merged_deoldify"]).mean, 1e-4);
}

TEST(Colorize, GreyColoursLeaveAGreyFrame) {
  core::Image frame(40, 33, 3);
  for (int y = 0; y < frame.height(); ++y) {
    std::fill_n(frame.row<std::uint8_t>(y), 120, static_cast<std::uint8_t>(7 * y));
  }
  core::Image coloured(frame.size(), 3);
  ddcolor_output(coloured, frame, std::vector<float>(2 * 8 * 8), {8, 8});
  for (int y = 0; y < frame.height(); ++y) {
    for (int x = 0; x < 120; ++x) {
      ASSERT_NEAR(coloured.row<std::uint8_t>(y)[x], 7 * y, 1);
    }
  }
}

TEST(DeoldifyOutput, CutsToEightBitsWithoutClipping) {
  const core::Image frame = core::Image::zeros(2, 2, 3);
  core::Image wrapped(2, 2, 3);
  core::Image plain(2, 2, 3);
  deoldify_output(wrapped, frame, std::vector<float>(3 * 2 * 2, 256 + 77.9F), {2, 2});
  deoldify_output(plain, frame, std::vector<float>(3 * 2 * 2, 77), {2, 2});
  EXPECT_TRUE(std::equal(wrapped.row<std::uint8_t>(0), wrapped.row<std::uint8_t>(0) + 12, plain.row<std::uint8_t>(0)));
  for (const float odd : {std::numeric_limits<float>::quiet_NaN(), 1e20F, -1e20F}) {
    deoldify_output(wrapped, frame, std::vector<float>(3 * 2 * 2, odd), {2, 2});
    deoldify_output(plain, frame, std::vector<float>(3 * 2 * 2, 0), {2, 2});
    EXPECT_EQ(wrapped.row<std::uint8_t>(0)[0], plain.row<std::uint8_t>(0)[0]);
  }
}

TEST(Colorize, RefusesWhatDoesNotFit) {
  core::Image frame = core::Image::zeros(4, 4, 3);
  core::Image other(5, 4, 3);
  std::vector<float> planes(2 * 8 * 8);
  EXPECT_THROW(ddcolor_input(planes, frame, {8, 8}), core::Error);
  EXPECT_THROW(ddcolor_output(other, frame, planes, {8, 8}), core::Error);
  EXPECT_THROW(deoldify_output(frame, frame, planes, {8, 8}), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
