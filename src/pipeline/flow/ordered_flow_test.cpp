#include "pipeline/flow/ordered_flow.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <tuple>

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace facegraph::pipeline {
namespace {

using Flow = OrderedFlow<int, int>;
using Clock = std::chrono::steady_clock;

// An end that takes longer is a hang; how soon it comes is not a test's business on a loaded machine.
constexpr std::chrono::seconds kHang(10);
using std::chrono::milliseconds;

Flow::Source numbers(int count) {
  return [next = 0, count]() mutable { return next < count ? std::optional(next++) : std::nullopt; };
}

Flow::Source endless() {
  return [next = 0]() mutable { return std::optional(next++); };
}

std::vector<std::function<Flow::Lane()>> lanes(int count, const Flow::Lane& lane) {
  return {static_cast<std::size_t>(count), [lane] { return lane; }};
}

// Sleeps up to a millisecond; each thread has its own generator.
void random_delay() {
  thread_local std::mt19937 generator(std::hash<std::thread::id>{}(std::this_thread::get_id()));
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<>(0, 1000)(generator)));
}

TEST(OrderedFlow, KeepsTheOrder) {
  for (int count = 1; count <= 4; ++count) {
    core::StopToken stop;
    std::vector<int> found;
    Flow(2 * count + 2, stop)
        .run(numbers(200),
             lanes(count,
                   [](int value) {
                     random_delay();
                     return 10 * value;
                   }),
             [&](int value) {
               random_delay();
               found.push_back(value);
             });
    std::vector<int> expected(200);
    for (int i = 0; i < 200; ++i) {
      expected[i] = 10 * i;
    }
    EXPECT_EQ(found, expected) << count << " lanes";
  }
}

TEST(OrderedFlow, HoldsNoMoreItemsThanItsWindow) {
  for (const int window : {1, 2, 5}) {
    core::StopToken stop;
    std::atomic<int> read{0};
    std::atomic<int> written{0};
    std::atomic<int> most{0};
    Flow(window, stop)
        .run(
            [&]() -> std::optional<int> {
              const int in_flight = ++read - written;
              most = std::max(most.load(), in_flight);  // written by this thread only
              return read <= 100 ? std::optional<int>(read) : std::nullopt;
            },
            lanes(3,
                  [](int value) {
                    random_delay();
                    return value;
                  }),
            [&](int) {
              random_delay();
              ++written;
            });
    EXPECT_EQ(written, 100);
    EXPECT_LE(most, window + 1);  // the sink's count rises before the flow takes the item off
    EXPECT_GE(most, window);      // and the window is used
  }
}

// The same bound seen from outside: with the sink held back, the source is read `window` times and no more.
TEST(OrderedFlow, AStuckSinkStopsTheSource) {
  core::StopToken stop;
  std::atomic<int> read{0};
  int seen = -1;
  Flow(4, stop).run([&]() -> std::optional<int> { return ++read <= 50 ? std::optional<int>(read) : std::nullopt; },
                    lanes(2, [](int value) { return value; }),
                    [&](int value) {
                      if (value == 1) {
                        std::this_thread::sleep_for(milliseconds(50));
                        seen = read;
                      }
                    });
  EXPECT_EQ(seen, 4);
}

TEST(OrderedFlow, AnEmptySourceWritesNothing) {
  core::StopToken stop;
  std::atomic<int> calls{0};
  Flow(4, stop).run(numbers(0), lanes(2, [&](int value) { return ++calls, value; }), [&](int) { ++calls; });
  EXPECT_EQ(calls, 0);
}

// Runs a flow whose stages throw where asked for, and counts how often each was called.
struct Failing {
  int source_at = -1;
  int lane_at = -1;
  int sink_at = -1;
  std::vector<int> written = {};

  std::string run() {
    core::StopToken stop;
    try {
      Flow(6, stop).run(
          [this, next = 0]() mutable {
            fail_at(next, source_at, "source");
            return std::optional(next++);
          },
          lanes(3,
                [this](int value) {
                  fail_at(value, lane_at, "lane");
                  return value;
                }),
          [this](int value) {
            fail_at(value, sink_at, "sink");
            written.push_back(value);
          });
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no error";
  }
  static void fail_at(int value, int position, const char* what) {
    if (value == position) {
      throw std::runtime_error(what);
    }
  }
};

TEST(OrderedFlow, AnErrorInAnyStageEndsAll) {
  EXPECT_EQ((Failing{.source_at = 0}.run()), "source");
  EXPECT_EQ((Failing{.source_at = 30}.run()), "source");
  EXPECT_EQ((Failing{.lane_at = 0}.run()), "lane");
  EXPECT_EQ((Failing{.lane_at = 30}.run()), "lane");
  EXPECT_EQ((Failing{.sink_at = 0}.run()), "sink");
  EXPECT_EQ((Failing{.sink_at = 30}.run()), "sink");
}

TEST(OrderedFlow, NothingBehindAFailedItemIsWritten) {
  Failing failing{.lane_at = 30};
  failing.run();
  ASSERT_LE(failing.written.size(), 30U);
  for (std::size_t i = 0; i < failing.written.size(); ++i) {
    EXPECT_EQ(failing.written[i], static_cast<int>(i));
  }
}

TEST(OrderedFlow, OfSeveralErrorsOneIsThrown) {
  for (int i = 0; i < 20; ++i) {
    const std::string found = Failing{.source_at = 3, .lane_at = 2, .sink_at = 1}.run();
    EXPECT_TRUE(found == "source" || found == "lane" || found == "sink") << found;
  }
}

TEST(OrderedFlow, ALaneThatCannotBeOpenedEndsAll) {
  core::StopToken stop;
  std::vector<std::function<Flow::Lane()>> open_lanes = lanes(1, [](int value) { return value; });
  open_lanes.emplace_back([]() -> Flow::Lane { throw std::runtime_error("no memory"); });
  EXPECT_THROW(Flow(4, stop).run(endless(), open_lanes, [](int) {}), std::runtime_error);
}

TEST(OrderedFlow, AnErrorWakesStagesThatWait) {
  core::StopToken stop;
  const auto start = Clock::now();
  EXPECT_THROW(Flow(1, stop).run(endless(), lanes(4, [](int value) { return value; }),
                                 [](int) {
                                   std::this_thread::sleep_for(milliseconds(20));
                                   throw std::runtime_error("disk full");
                                 }),
               std::runtime_error);
  EXPECT_LT(Clock::now() - start, kHang);
}

TEST(OrderedFlow, AStopEndsItSoon) {
  core::StopToken stop;
  Clock::time_point requested;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    requested = Clock::now();
    stop.request();
  });
  core::ErrorCode code = core::ErrorCode::kFailed;
  try {
    Flow(4, stop).run(endless(),
                      lanes(2,
                            [](int value) {
                              std::this_thread::sleep_for(milliseconds(5));
                              return value;
                            }),
                      [](int) {});
  } catch (const core::Error& error) {
    code = error.code();
  }
  const auto ended = Clock::now();
  stopper.join();
  EXPECT_EQ(code, core::ErrorCode::kStopped);
  EXPECT_LT(ended - requested, kHang);
}

// All stages wait: nothing notifies them of a stop.
TEST(OrderedFlow, AStopEndsWaitingStages) {
  core::StopToken stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(20));
    stop.request();
  });
  const auto start = Clock::now();
  EXPECT_THROW(Flow(2, stop).run(
                   [&, next = 0]() mutable {
                     while (next == 2 && !stop.requested()) {
                       std::this_thread::sleep_for(milliseconds(1));
                     }
                     return std::optional(next++);
                   },
                   lanes(2, [](int value) { return value; }), [](int) {}),
               core::Error);
  stopper.join();
  EXPECT_LT(Clock::now() - start, kHang);
}

TEST(OrderedFlow, AStopBeforeTheStartReadsNothing) {
  core::StopToken stop;
  stop.request();
  int read = 0;
  EXPECT_THROW(
      Flow(2, stop).run([&] { return std::optional(++read); }, lanes(1, [](int value) { return value; }), [](int) {}),
      core::Error);
  EXPECT_EQ(read, 0);
}

TEST(OrderedFlow, ALaneIsOpenedOnTheThreadThatUsesIt) {
  core::StopToken stop;
  std::atomic<int> opened{0};
  std::atomic<int> elsewhere{0};
  const std::thread::id caller = std::this_thread::get_id();
  const auto open = [&]() -> Flow::Lane {
    ++opened;
    const std::thread::id owner = std::this_thread::get_id();
    elsewhere += owner == caller ? 1 : 0;
    return [&elsewhere, owner](int value) {
      random_delay();
      elsewhere += std::this_thread::get_id() == owner ? 0 : 1;
      return value;
    };
  };
  Flow(8, stop).run(numbers(100), {open, open, open}, [](int) {});
  EXPECT_EQ(opened, 3);
  EXPECT_EQ(elsewhere, 0);
}

TEST(OrderedFlow, ItemsMayBeMovedOnly) {
  core::StopToken stop;
  using Owned = std::unique_ptr<int>;
  int next = 0;
  int sum = 0;
  OrderedFlow<Owned, Owned>(3, stop).run(
      [&]() -> std::optional<Owned> { return next < 10 ? std::optional(std::make_unique<int>(next++)) : std::nullopt; },
      {[] { return [](Owned value) { return value; }; }}, [&](Owned value) { sum += *value; });
  EXPECT_EQ(sum, 45);
}

using LateFlow = OrderedFlow<int, int, std::future<std::vector<int>>>;

// What happens to item n: begun 10 * n, ended 10 * n + 1.
std::vector<int> steps_of(const LateFlow::Source& source, const std::function<std::launch(int)>& when,
                          const LateFlow::Sink& sink) {
  core::StopToken stop;
  std::vector<int> steps;
  const auto lane = [&](const std::vector<int>& values) {
    const int value = values.front();
    steps.push_back(10 * value);
    auto result = std::async(std::launch::deferred, [&steps, values, owner = std::this_thread::get_id()] {
      EXPECT_EQ(std::this_thread::get_id(), owner);
      steps.push_back(10 * values.front() + 1);
      return values;
    });
    if (when(value) != std::launch::deferred) {
      result.wait();
    }
    return result;
  };
  LateFlow(4, stop).run(source, {[lane] { return lane; }}, sink);
  return steps;
}

TEST(LateResults, ComeWhenTheNextItemHasBegun) {
  std::promise<void> all_read;
  const auto source = [&, next = 0]() mutable {
    if (next == 3) {
      all_read.set_value();  // before the lane has got on: it waits for that in its first item
    }
    return next < 3 ? std::optional(next++) : std::nullopt;
  };
  std::vector<int> found;
  const auto when = [&](int value) {
    if (value == 0) {
      all_read.get_future().wait();
      std::this_thread::sleep_for(milliseconds(20));
    }
    return std::launch::deferred;
  };
  const std::vector<int> steps = steps_of(source, when, [&](int value) { found.push_back(value); });
  EXPECT_EQ(steps, (std::vector<int>{0, 10, 1, 20, 11, 21}));
  EXPECT_EQ(found, (std::vector<int>{0, 1, 2}));
}

// A source that gives an item when the one before has been written would wait for ever.
TEST(LateResults, ComeAtOnceWhereNoItemIsWaiting) {
  std::atomic<int> written{0};
  const auto source = [&, next = 0]() mutable {
    while (written < next) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return next < 3 ? std::optional(next++) : std::nullopt;
  };
  const std::vector<int> steps = steps_of(
      source, [](int) { return std::launch::deferred; }, [&](int) { ++written; });
  EXPECT_EQ(steps, (std::vector<int>{0, 1, 10, 11, 20, 21}));
}

TEST(LateResults, ThatAreThereAreNotHeldBack) {
  const std::vector<int> steps = steps_of(
      numbers(3), [](int) { return std::launch::async; }, [](int) {});
  EXPECT_EQ(steps, (std::vector<int>{0, 1, 10, 11, 20, 21}));
}

TEST(LateResults, KeepTheOrderAndTheWindow) {
  for (const int window : {1, 2, 5}) {
    core::StopToken stop;
    std::atomic<int> read{0};
    std::atomic<int> most{0};
    std::vector<int> found;
    std::atomic<int> written{0};
    const LateFlow::Lane lane = [](const std::vector<int>& values) {
      random_delay();
      return std::async(std::launch::deferred, [values] {
        random_delay();
        return values;
      });
    };
    LateFlow(window, stop)
        .run(
            [&]() -> std::optional<int> {
              const int in_flight = ++read - written;
              most = std::max(most.load(), in_flight);
              return read <= 100 ? std::optional<int>(read) : std::nullopt;
            },
            {[&] { return lane; }, [&] { return lane; }, [&] { return lane; }},
            [&](int value) {
              found.push_back(value);
              ++written;
            });
    ASSERT_EQ(found.size(), 100U);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    EXPECT_LE(most, window + 1);
  }
}

// What a lane has begun keeps its memory until it is written.
TEST(LateResults, ASlowEncoderHoldsTheLanesBack) {
  for (const int count : {1, 3}) {
    core::StopToken stop;
    const int window = 2 * count + 2;
    std::atomic<int> written{0};
    std::mutex mutex;
    int begun = 0;
    int most = 0;
    const LateFlow::Lane lane = [&](const std::vector<int>& values) {
      const std::lock_guard lock(mutex);
      most = std::max(most, ++begun - written);
      return std::async(std::launch::deferred, [values] { return values; });
    };
    LateFlow(window, stop).run(numbers(60), {static_cast<std::size_t>(count), [&] { return lane; }}, [&](int) {
      std::this_thread::sleep_for(milliseconds(2));
      ++written;
    });
    EXPECT_EQ(written, 60);
    EXPECT_LE(most, window);
    EXPECT_GT(most, count);  // and they are not held back for nothing
  }
}

TEST(LateResults, AnErrorInOneEndsAll) {
  core::StopToken stop;
  const LateFlow::Lane lane = [](const std::vector<int>& values) {
    return std::async(std::launch::deferred, [values] {
      Failing::fail_at(values.front(), 7, "late");
      return values;
    });
  };
  std::vector<int> found;
  try {
    LateFlow(4, stop).run(endless(), {[&] { return lane; }, [&] { return lane; }},
                          [&](int value) { found.push_back(value); });
    ADD_FAILURE() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "late");
  }
  EXPECT_LE(found.size(), 7U);
}

// Whoever is slow: a group holds the items that follow each other from a multiple of its size on.
TEST(Groups, AreTheSameInEveryRun) {
  for (const int count : {1, 3}) {
    core::StopToken stop;
    std::mutex mutex;
    std::map<int, std::vector<int>> groups;
    const LateFlow::Lane lane = [&](const std::vector<int>& values) {
      random_delay();
      const std::lock_guard lock(mutex);
      groups[values.front()] = values;
      return std::async(std::launch::deferred, [values] { return values; });
    };
    const auto source = [next = 0]() mutable {
      random_delay();
      return next < 22 ? std::optional(next++) : std::nullopt;
    };
    std::vector<int> found;
    LateFlow(4 * (2 * count) + 2, stop, 4)
        .run(source, {static_cast<std::size_t>(count), [&] { return lane; }}, [&](int value) {
          random_delay();
          found.push_back(value);
        });
    ASSERT_EQ(found.size(), 22U);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    ASSERT_EQ(groups.size(), 6U);
    for (const auto& [first, group] : groups) {
      EXPECT_EQ(first % 4, 0);
      EXPECT_EQ(group.size(), first == 20 ? 2U : 4U);
      EXPECT_TRUE(std::is_sorted(group.begin(), group.end()));
    }
  }
}

TEST(Groups, GoThroughAWindowOfTheirSize) {
  core::StopToken stop;
  const LateFlow::Lane lane = [](const std::vector<int>& values) {
    return std::async(std::launch::deferred, [values] { return values; });
  };
  int written = 0;
  LateFlow(4, stop, 4).run(numbers(30), {[&] { return lane; }, [&] { return lane; }}, [&](int) { ++written; });
  EXPECT_EQ(written, 30);
}

using Stage = OrderedStage<int, int>;

// A stage over a stage: as the tracker's frames come.
TEST(OrderedStage, FeedsAnother) {
  core::StopToken stop;
  Stage first(4, stop, numbers(200), lanes(2, [](int value) {
                random_delay();
                return value + 1;
              }));
  std::vector<int> found;
  Flow(4, stop).run([&] { return first.next(); },
                    lanes(2,
                          [](int value) {
                            random_delay();
                            return 10 * value;
                          }),
                    [&](int value) { found.push_back(value); });
  ASSERT_EQ(found.size(), 200U);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(found[i], 10 * (i + 1));
  }
  EXPECT_FALSE(first.next());  // stays at the end
}

TEST(OrderedStage, HoldsNoMoreThanTheSumOfTheWindows) {
  core::StopToken stop;
  std::atomic<int> read{0};
  int written = 0;
  int most = 0;
  Stage first(
      3, stop, [&]() -> std::optional<int> { return ++read <= 100 ? std::optional<int>(read) : std::nullopt; },
      lanes(2, [](int value) { return value; }));
  Flow(4, stop).run([&] { return first.next(); }, lanes(2, [](int value) { return value; }),
                    [&](int) {
                      random_delay();
                      most = std::max(most, read - written);
                      ++written;
                    });
  EXPECT_EQ(written, 100);
  EXPECT_LE(most, 3 + 4 + 1);  // the source's count rises before it knows that it has ended
}

TEST(OrderedStage, AnErrorInEitherReachesTheSink) {
  const auto failing = [](int at, const char* what) {
    return [at, what](int value) {
      Failing::fail_at(value, at, what);
      return value;
    };
  };
  for (const auto& [first_at, second_at, expected] :
       {std::tuple{30, -1, "first"}, {-1, 30, "second"}, {0, -1, "first"}, {-1, 0, "second"}}) {
    core::StopToken stop;
    Stage first(3, stop, endless(), lanes(2, failing(first_at, "first")));
    try {
      Flow(4, stop).run([&] { return first.next(); }, lanes(2, failing(second_at, "second")), [](int) {});
      ADD_FAILURE() << "no error";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), expected);
    }
  }
}

// So that nothing is read before somebody allows it, however long the lanes take to open.
TEST(OrderedStage, OpensItsLanesAtOnceAndReadsWhenResultsAreTaken) {
  core::StopToken stop;
  for (const bool takes : {false, true}) {
    std::atomic<int> read{0};
    std::promise<void> opened;
    const auto open = [&]() -> Flow::Lane {
      opened.set_value();
      return [](int value) { return value; };
    };
    Stage stage(3, stop, [&] { return std::optional(read++); }, {open});
    ASSERT_EQ(opened.get_future().wait_for(kHang), std::future_status::ready);
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(read, 0);
    if (takes) {
      EXPECT_EQ(stage.next(), 0);
      EXPECT_GT(read, 0);
    }
  }
}

TEST(OrderedStage, TellsOfALaneThatCouldNotBeOpenedWhenResultsAreTaken) {
  core::StopToken stop;
  std::atomic<int> read{0};
  std::promise<void> failed;
  const auto open = [&]() -> Flow::Lane {
    failed.set_value();
    throw std::runtime_error("no memory");
  };
  Stage stage(3, stop, [&] { return std::optional(read++); }, {open});
  ASSERT_EQ(failed.get_future().wait_for(kHang), std::future_status::ready);
  EXPECT_THROW(stage.next(), std::runtime_error);
}

TEST(OrderedStage, NobodyNeedsToTakeTheResults) {
  core::StopToken stop;
  const auto start = Clock::now();
  {
    Stage stage(3, stop, endless(), lanes(2, [](int value) { return value; }));
    EXPECT_EQ(stage.next(), 0);
  }
  EXPECT_LT(Clock::now() - start, kHang);
}

}  // namespace
}  // namespace facegraph::pipeline
