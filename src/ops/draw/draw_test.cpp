#include "ops/draw/draw.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::ops {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Colour kMark{10, 20, 30};

// What a call draws on a black picture, a line of text per row: '#' marked, '.' black, '?' any other colour.
std::string drawn(int width, int height, const std::function<void(core::ImageView)>& call) {
  core::Image frame = core::Image::zeros(width, height, 3);
  call(frame);
  std::string text;
  for (int y = 0; y < height; ++y) {
    text += '\n';
    for (int x = 0; x < width; ++x) {
      const auto* pixel = &frame.row<std::uint8_t>(y)[3 * x];
      const Colour found{pixel[0], pixel[1], pixel[2]};
      text += found == kMark ? '#' : found == Colour{} ? '.' : '?';
    }
  }
  return text;
}

// OpenCV's lines of thickness 2 are three pixels wide.
TEST(DrawLine, MarksItsPixelsWithItsThickness) {
  EXPECT_EQ(drawn(7, 5,
                  [](core::ImageView frame) {
                    draw_line(frame, {1, 2}, {5, 2}, kMark, 1);
                  }),
            R"(
.......
.......
.#####.
.......
.......)");
  EXPECT_EQ(drawn(7, 5,
                  [](core::ImageView frame) {
                    draw_line(frame, {3, -9}, {3, 99}, kMark, 2);
                  }),
            R"(
..###..
..###..
..###..
..###..
..###..)");
}

TEST(DrawRectangle, CutsCoordinatesTowardsZero) {
  EXPECT_EQ(drawn(7, 5,
                  [](core::ImageView frame) {
                    draw_rectangle(frame, {-0.9, 1.99, 4.99, 3.01}, kMark, 1);
                  }),
            R"(
.......
#####..
#...#..
#####..
.......)");
}

TEST(DrawRectangle, IsClippedToThePicture) {
  EXPECT_EQ(drawn(7, 5,
                  [](core::ImageView frame) {
                    draw_rectangle(frame, {-1e300, 2, 3, 1e300}, kMark, 1);
                  }),
            R"(
.......
.......
####...
...#...
...#...)");
}

TEST(DrawDisc, IsFilled) {
  EXPECT_EQ(drawn(7, 5,
                  [](core::ImageView frame) {
                    draw_disc(frame, {3.9, 2.9}, 2, kMark);
                  }),
            R"(
...#...
..###..
.#####.
..###..
...#...)");
}

TEST(Draw, LeavesOutWhatIsNotFinite) {
  const std::string black = drawn(7, 5, [](core::ImageView) {});
  EXPECT_EQ(black, drawn(7, 5, [](core::ImageView frame) {
              for (const double bad : {kNan, kInfinity, -kInfinity}) {
                draw_line(frame, {1, 1}, {3, bad}, kMark, 1);
                draw_line(frame, {bad, 1}, {3, 3}, kMark, 1);
                draw_rectangle(frame, {0, bad, 5, 3}, kMark, 2);
                draw_rectangle(frame, {0, 1, bad, 3}, kMark, 2);
                draw_disc(frame, {bad, 2}, 2, kMark);
              }
            }));
}

// A ring of the value, and a pixel of its own below the level.
core::Image ring(std::uint8_t value) {
  core::Image mask = core::Image::zeros(11, 9, 1);
  for (int y = 1; y < 8; ++y) {
    std::fill_n(&mask.row<std::uint8_t>(y)[1], 8, value);
  }
  for (int y = 3; y < 6; ++y) {
    std::fill_n(&mask.row<std::uint8_t>(y)[3], 4, std::uint8_t{0});
  }
  mask.row<std::uint8_t>(0)[10] = 100;
  return mask;
}

TEST(DrawContours, MarksOuterAndInnerOutlines) {
  const core::Image mask = ring(101);
  EXPECT_EQ(drawn(11, 9, [&](core::ImageView frame) { draw_contours(frame, mask, 100, kMark, 1); }), R"(
...........
.########..
.#.####.#..
.##....##..
.##....##..
.##....##..
.#.####.#..
.########..
...........)");
}

TEST(DrawContours, NothingIsAboveTheLevel) {
  const core::Image mask = ring(100);
  EXPECT_EQ(drawn(11, 9, [&](core::ImageView frame) { draw_contours(frame, mask, 100, kMark, 1); }),
            drawn(11, 9, [](core::ImageView) {}));
}

TEST(DrawContours, OfAnotherSizeIsAnError) {
  core::Image frame = core::Image::zeros(12, 9, 3);
  test::expect_names(
      test::message_of(core::ErrorCode::kFailed, [&] { draw_contours(frame, ring(200), 100, kMark, 1); }),
      {"11x9", "12x9"});
}

}  // namespace
}  // namespace facegraph::ops
