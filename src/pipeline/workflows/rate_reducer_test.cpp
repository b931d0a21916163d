#include "pipeline/workflows/rate_reducer.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace facegraph::pipeline {
namespace {

// Frames at given times, numbered from 0.
FramePull frames_at(const std::vector<double>& times) {
  return [times, next = std::size_t{0}]() mutable -> std::optional<TargetFrame> {
    if (next == times.size()) {
      return std::nullopt;
    }
    TargetFrame frame;
    frame.number = static_cast<std::int64_t>(next);
    frame.time = times[next++];
    frame.image = core::Image(2, 2, 3);
    return frame;
  };
}

std::vector<double> constant_rate(int count, double rate, double start = 0) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    times.push_back(start + i / rate);
  }
  return times;
}

using Numbers = std::vector<std::int64_t>;

Numbers kept(const std::vector<double>& times, double rate) {
  RateReducer reducer(frames_at(times), rate);
  Numbers numbers;
  while (const auto frame = reducer.read()) {
    EXPECT_EQ(frame->time, times[static_cast<std::size_t>(frame->number)]);
    EXPECT_FALSE(frame->image.empty());
    numbers.push_back(frame->number);
  }
  EXPECT_FALSE(reducer.read());  // stays at the end
  return numbers;
}

TEST(RateReducer, HalvesARate) {
  // Places 0, 0.5 -> 1, 1, 1.5 -> 2, ...: the last frame of a place stays.
  EXPECT_EQ(kept(constant_rate(10, 25), 12.5), (Numbers{0, 2, 4, 6, 8, 9}));
}

// The times of half the frames lie between two places: rounding errors must not move them to and fro.
TEST(RateReducer, HalvesLongVideosEvenly) {
  for (const double rate : {25.0, 30.0, 50.0, 60.0, 30000.0 / 1001, 60000.0 / 1001}) {
    const Numbers numbers = kept(constant_rate(10'001, rate), rate / 2);
    ASSERT_EQ(numbers.size(), 5001U) << rate;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ASSERT_EQ(numbers[i], static_cast<std::int64_t>(2 * i)) << rate;
    }
  }
}

TEST(RateReducer, DropsOneFrameOfFive) {
  // 0, 0.8, 1.6, 2.4, 3.2, 4, ...: the third and fourth frame meet at place 2.
  EXPECT_EQ(kept(constant_rate(10, 30), 24), (Numbers{0, 1, 3, 4, 5, 6, 8, 9}));
  EXPECT_EQ(kept(constant_rate(300, 30), 24).size(), 240U);
}

TEST(RateReducer, KeepsAllFramesOfItsOwnRate) {
  EXPECT_EQ(kept(constant_rate(5, 25), 25), (Numbers{0, 1, 2, 3, 4}));
}

TEST(RateReducer, CountsTimeFromTheFirstFrame) {
  EXPECT_EQ(kept(constant_rate(10, 25, 7.013), 12.5).size(), kept(constant_rate(10, 25), 12.5).size());
  EXPECT_EQ(kept({100.09, 100.11, 100.17, 100.21}, 10), (Numbers{1, 3}));  // places 0 0 1 1
}

TEST(RateReducer, VariableTimesKeepTheirGaps) {
  EXPECT_EQ(kept({0, 0.01, 0.02, 1.0, 1.01, 3.0}, 10), (Numbers{2, 4, 5}));
}

TEST(RateReducer, AnEmptySourceStaysEmpty) {
  EXPECT_EQ(kept({}, 10), Numbers{});
  EXPECT_EQ(kept({0.5}, 10), Numbers{0});
}

TEST(RateReducer, GoesOnWhereAnotherOneEnded) {
  const std::vector<double> times = constant_rate(60, 60, 0.3);
  const Numbers all = kept(times, 25);
  for (const std::size_t done : {1U, 2U, 7U, 20U}) {
    const auto from = static_cast<std::ptrdiff_t>(all[done]);
    RateReducer reducer(frames_at({times.begin() + from, times.end()}), 25, times[0]);
    for (std::size_t i = done; i < all.size(); ++i) {
      const auto frame = reducer.read();
      ASSERT_TRUE(frame.has_value());
      EXPECT_EQ(frame->number + from, all[i]);
    }
    EXPECT_FALSE(reducer.read().has_value());
  }
}

}  // namespace
}  // namespace facegraph::pipeline
