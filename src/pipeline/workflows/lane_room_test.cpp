#include "pipeline/workflows/lane_room.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "device/gpu/test_support.hpp"

namespace facegraph::pipeline {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

// Lanes that take memory of fakes, each opened by a thread of its own.
class LaneRoomTest : public testing::Test {
 protected:
  // Numbers of the lanes that were opened.
  std::set<int> open(LaneRoom& room, int lanes, int devices = 1) {
    std::vector<std::thread> threads;
    for (int number = 0; number < lanes; ++number) {
      threads.emplace_back([this, &room, number, devices] {
        room.open(number, [&] {
          const auto gpu = static_cast<std::size_t>(number % devices);
          ++begun_[gpu];
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          if (!opened_[gpu].exchange(true)) {
            begun_before_[gpu] = begun_[gpu].load();
          }
          gpus_[gpu].take(cost_);
          return true;
        });
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    std::set<int> numbers;
    for (const LaneReport& lane : room.lanes()) {
      numbers.insert(lane.number);
    }
    return numbers;
  }
  LaneRoom::Settings settings(int devices = 1) {
    return {.devices = devices, .measures = true, .memory = [this, devices](int number) {
              return gpus_[static_cast<std::size_t>(number % devices)].memory();
            }};
  }

  std::deque<device::FakeGpu> gpus_ = make_gpus();
  std::array<std::atomic<bool>, 2> opened_{};
  std::array<std::atomic<int>, 2> begun_{};
  std::array<std::atomic<int>, 2> begun_before_{};  // when the first one was open
  std::size_t cost_ = 200 * kMiB;

 private:
  static std::deque<device::FakeGpu> make_gpus() {
    std::deque<device::FakeGpu> gpus;
    gpus.emplace_back(0, 1000 * kMiB);
    gpus.emplace_back(1, 500 * kMiB);
    return gpus;
  }
};

TEST_F(LaneRoomTest, AsManyAsFitBesideTheReserve) {
  LaneRoom room(settings());
  EXPECT_EQ(open(room, 8).size(), 4U);  // 800 of 1000 MiB; a fifth one would leave nothing of the tenth
  for (const LaneReport& lane : room.lanes()) {
    EXPECT_EQ(lane.device, 0);
  }
  EXPECT_EQ(begun_before_[0], 1);  // the others wait until its cost is known
  EXPECT_EQ(room.lanes().front().device_bytes, static_cast<std::int64_t>(200 * kMiB));
}

TEST_F(LaneRoomTest, NotMoreThanAreWanted) {
  cost_ = kMiB;
  LaneRoom room(settings());
  EXPECT_EQ(open(room, 3), (std::set<int>{0, 1, 2}));
}

TEST_F(LaneRoomTest, OneIsAlwaysThere) {
  cost_ = 950 * kMiB;
  LaneRoom room(settings());
  EXPECT_EQ(open(room, 3).size(), 1U);
}

TEST_F(LaneRoomTest, EveryGpuHasItsOwnRoom) {
  LaneRoom room(settings(2));
  const std::set<int> opened = open(room, 8, 2);
  EXPECT_EQ(opened.size(), 6U);  // four on the first, two on the second, which is half as large
  EXPECT_EQ(begun_before_[0], 1);
  EXPECT_EQ(begun_before_[1], 1);
}

TEST_F(LaneRoomTest, WantedNumbersAreNotQuestioned) {
  LaneRoom::Settings given = settings();
  given.measures = false;
  LaneRoom room(std::move(given));
  EXPECT_EQ(open(room, 5).size(), 5U);
}

TEST_F(LaneRoomTest, AFailureOfTheFirstLeavesNobodyWaiting) {
  LaneRoom room(settings());
  std::thread second;
  EXPECT_THROW(room.open(0,
                         [&]() -> bool {
                           second = std::thread([&] { EXPECT_FALSE(room.open(1, [] { return true; })); });
                           core::fail(core::ErrorCode::kFailed, "no model");
                         }),
               core::Error);
  second.join();
  EXPECT_TRUE(room.lanes().empty());
}

TEST_F(LaneRoomTest, WhereTheFirstFindsNoMemoryAnotherTries) {
  LaneRoom room(settings());
  EXPECT_FALSE(room.open(0, [] { return false; }));
  EXPECT_TRUE(room.open(1, [] { return true; }));
  EXPECT_EQ(room.lanes().front().number, 1);
}

TEST_F(LaneRoomTest, CountsFrames) {
  LaneRoom room(LaneRoom::Settings{});
  EXPECT_TRUE(room.open(0, [] { return true; }));
  EXPECT_FALSE(room.open(1, [] { return false; }));  // its memory was full
  room.count_frames(0, 1);
  room.count_frames(0, 4);
  ASSERT_EQ(room.lanes().size(), 1U);
  EXPECT_EQ(room.lanes().front().frames, 5);
}

}  // namespace
}  // namespace facegraph::pipeline
