#include "pipeline/workflows/resolution.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace facegraph::pipeline {
namespace {

using core::Size;

// spec: application.md 4.3, 11.10
TEST(Resolution, SidesAreMadeEven) {
  EXPECT_EQ(normalise_resolution(2.5, 2.5), (Size{2, 2}));
  EXPECT_EQ(normalise_resolution(3.0, 3.0), (Size{4, 4}));
  EXPECT_EQ(normalise_resolution(5, 6.5), (Size{4, 6}));
  EXPECT_EQ(normalise_resolution(425, 427), (Size{424, 428}));
  EXPECT_EQ(normalise_resolution(1, 1), (Size{0, 0}));
  EXPECT_EQ(normalise_resolution(2, 2), (Size{2, 2}));
  EXPECT_EQ(normalise_resolution(0, 100), (Size{0, 0}));
  EXPECT_EQ(normalise_resolution(100, 0), (Size{0, 0}));
  EXPECT_EQ(normalise_resolution(-2, 4), (Size{0, 0}));
}

TEST(Resolution, IsScaled) {
  EXPECT_EQ(scale_resolution({426, 226}, 0.5), (Size{212, 112}));
  EXPECT_EQ(scale_resolution({426, 226}, 0.25), (Size{106, 56}));
  EXPECT_EQ(scale_resolution({426, 226}, 1), (Size{426, 226}));
  EXPECT_EQ(scale_resolution({426, 226}, 2), (Size{852, 452}));
  EXPECT_EQ(scale_resolution({426, 226}, 8), (Size{3408, 1808}));
  EXPECT_EQ(scale_resolution({2048, 1080}, 1), (Size{2048, 1080}));
  EXPECT_EQ(scale_resolution({4096, 2160}, 2), (Size{8192, 4320}));
}

TEST(Resolution, IsRestrictedInLexicographicOrder) {
  EXPECT_EQ(restrict_resolution({2048, 1080}, {426, 226}), (Size{426, 226}));
  EXPECT_EQ(restrict_resolution({2048, 1080}, {2048, 1080}), (Size{2048, 1080}));
  EXPECT_EQ(restrict_resolution({2048, 1080}, {4096, 2160}), (Size{2048, 1080}));
  EXPECT_EQ(restrict_resolution({100, 900}, {200, 50}), (Size{100, 900}));  // the width decides
  EXPECT_EQ(restrict_resolution({100, 900}, {100, 50}), (Size{100, 50}));
}

TEST(Resolution, OutputIsNeverEmpty) {
  EXPECT_EQ(output_resolution({426, 226}, 0.5), (Size{212, 112}));
  EXPECT_EQ(output_resolution({1, 1}, 1), (Size{1, 1}));
  EXPECT_EQ(output_resolution({1, 1}, 0.25), (Size{1, 1}));
  EXPECT_EQ(output_resolution({1, 1}, 8), (Size{8, 8}));
  EXPECT_EQ(output_resolution({1, 500}, 1), (Size{1, 500}));
  EXPECT_EQ(output_resolution({333, 251}, 1), (Size{332, 252}));
}

TEST(Resolution, TempIsTheSmallerOneAndEven) {
  EXPECT_EQ(temp_resolution({426, 226}, {212, 112}), (Size{212, 112}));
  EXPECT_EQ(temp_resolution({426, 226}, {852, 452}), (Size{426, 226}));
  EXPECT_EQ(temp_resolution({427, 225}, {854, 450}), (Size{428, 224}));
  EXPECT_EQ(temp_resolution({1, 1}, {1, 1}), (Size{1, 1}));
  EXPECT_EQ(temp_resolution({1, 1}, {8, 8}), (Size{1, 1}));
}

// spec: application.md 11.10, a clip of 270 frames
TEST(Trim, IsLimitedToTheFrames) {
  struct Case {
    std::optional<std::int64_t> start, end;
    std::int64_t first, last;
  };
  const std::vector<Case> cases{{0, 200, 0, 200},    {70, 270, 70, 270}, {-10, {}, 0, 270}, {{}, -10, 0, 0},
                                {280, {}, 270, 270}, {{}, 280, 0, 270},  {{}, {}, 0, 270},  {200, 70, 200, 70}};
  for (const Case& one : cases) {
    const Trim trim = restrict_trim(270, one.start, one.end);
    EXPECT_EQ(trim.start, one.first) << one.start.value_or(-1) << " " << one.end.value_or(-1);
    EXPECT_EQ(trim.end, one.last) << one.start.value_or(-1) << " " << one.end.value_or(-1);
  }
  const Trim empty = restrict_trim(0, 5, 9);
  EXPECT_EQ(empty.start, 0);
  EXPECT_EQ(empty.end, 0);
}

}  // namespace
}  // namespace facegraph::pipeline
