// Moves items through stages at once: one source thread and several lanes; results are taken in the order that the
// items came in. At most `window` items are between the source and who takes the results, so memory does not grow with
// the length of a video. Stages follow each other by pulling: the source of one takes the results of another.
//
// A lane works on one item at a time (Given is Out), or on groups of items that come after each other, and may give a
// group's results later than it begins the next one: Given is then std::future<std::vector<Out>>. One that is deferred
// (std::launch::deferred) is asked for, on the lane's thread, when the lane has begun its next group, or at once where
// none is waiting. So a GPU has work while the host ends a group.
//
// A part that throws, or a requested stop, ends the stage: next() then throws the first error or Error(kStopped).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pthread.h>

#include "core/base/probe.hpp"
#include "core/base/stop.hpp"

namespace facegraph::pipeline {

template <typename In, typename Out, typename Given = Out>
class OrderedStage {
 public:
  using Source = std::function<std::optional<In>()>;
  static constexpr bool kOneByOne = std::is_same_v<Given, Out>;
  using Lane = std::conditional_t<kOneByOne, std::function<Out(In)>, std::function<Given(std::vector<In>)>>;

  // open_lanes: one callable per lane, each called by its own thread only. It runs on the lane's thread before its
  // first item, so that a lane's sessions belong to it; what it returns is destroyed there too. An empty lane is left
  // out: at least one must be there, or its opening throws. All that the callables refer to outlives the stage.
  // Lanes are opened at once; the source is not read before next() is called for the first time.
  // at_once: items of a group, but for the last one; which those are does not depend on how fast who is. Not more than
  // the window.
  OrderedStage(int window, const core::StopToken& stop, Source source, std::vector<std::function<Lane()>> open_lanes,
               std::size_t at_once = 1)
      : window_(window),
        at_once_(at_once),
        stop_(stop),
        source_(std::move(source)),
        open_lanes_(std::move(open_lanes)),
        probe_(core::probe()) {
    for (const auto& open_lane : open_lanes_) {
      threads_.emplace_back([this, &open_lane] { thread("fg-lane", [&] { work(open_lane()); }); });
    }
  }
  ~OrderedStage() { end(); }
  OrderedStage(const OrderedStage&) = delete;
  OrderedStage& operator=(const OrderedStage&) = delete;

  // The next result; none at the end, when all threads have ended. One thread calls it. The result taken before counts
  // as done.
  std::optional<Out> next() {
    std::unique_lock lock(mutex_);
    if (!reads_) {
      reads_ = true;
      threads_.emplace_back([this] { thread("fg-decode", [this] { read_all(); }); });
    }
    released_ = taken_;
    changed_.notify_all();
    wait(lock, [&] { return done_.contains(taken_) || (total_ && taken_ >= *total_); });
    if (aborted() || (total_ && taken_ >= *total_)) {
      lock.unlock();
      end();
      if (error_) {
        std::rethrow_exception(error_);
      }
      stop_.check();
      return std::nullopt;
    }
    std::optional<Out> result(std::move(done_.at(taken_)));
    done_.erase(taken_);
    ++taken_;
    return result;
  }

 private:
  struct Item {
    std::int64_t sequence = 0;
    In value;
  };

  void thread(const char* name, const std::function<void()>& body) {
    pthread_setname_np(pthread_self(), name);  // as tools show it
    const core::ProbeScope scope(probe_);
    try {
      body();
    } catch (...) {
      fail_with(std::current_exception());
    }
  }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

  void fail_with(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) {
      error_ = std::move(error);
    }
    ended_ = true;
    changed_.notify_all();
  }

  bool aborted() const { return ended_ || stop_.requested(); }  // under mutex_

  // A requested stop is set by a signal handler, which cannot notify: waiting threads look at it several times a
  // second.
  template <typename Condition>
  void wait(std::unique_lock<std::mutex>& lock, Condition condition) {
    while (!condition() && !aborted()) {
      changed_.wait_for(lock, std::chrono::milliseconds(100));
    }
  }

  void read_all() {
    for (std::int64_t sequence = 0;; ++sequence) {
      {
        std::unique_lock lock(mutex_);
        wait(lock, [&] { return sequence - released_ < window_; });
        if (aborted()) {
          return;
        }
      }
      std::optional<In> value = source_();
      const std::lock_guard lock(mutex_);
      if (!value) {
        total_ = sequence;
        changed_.notify_all();
        return;
      }
      waiting_.push_back({sequence, std::move(*value)});
      changed_.notify_all();
    }
  }

  // A group's first item is of this number.
  struct Begun {
    std::int64_t sequence = 0;
    Given result;
  };

  void work(const Lane& lane) {
    std::optional<Begun> begun;  // by this lane, to be ended later
    while (lane) {
      std::vector<In> group;
      std::int64_t sequence = 0;
      {
        std::unique_lock lock(mutex_);
        const auto is_ready = [&] { return waiting_.size() >= at_once_ || (total_ && !waiting_.empty()); };
        wait(lock, [&] { return is_ready() || total_ || begun; });
        if (aborted() || (waiting_.empty() && !begun)) {
          return;
        }
        if (is_ready()) {
          sequence = waiting_.front().sequence;
          while (group.size() < at_once_ && !waiting_.empty()) {
            group.push_back(std::move(waiting_.front().value));
            waiting_.pop_front();
          }
        }
      }
      std::optional<Begun> before = std::exchange(begun, std::nullopt);
      if (!group.empty()) {
        begun.emplace(Begun{sequence, begin(lane, std::move(group))});
      }
      if (before) {
        end(*std::move(before));
      }
      if (begun && !ends_later(begun->result)) {
        end(*std::exchange(begun, std::nullopt));
      }
    }
  }

  static Given begin(const Lane& lane, std::vector<In> group) {
    if constexpr (kOneByOne) {
      return lane(std::move(group.front()));
    } else {
      return lane(std::move(group));
    }
  }

  static bool ends_later(const Given& given) {
    if constexpr (kOneByOne) {
      return false;
    } else {
      return given.wait_for(std::chrono::seconds(0)) == std::future_status::deferred;
    }
  }

  void end(Begun begun) {
    if constexpr (kOneByOne) {
      const std::lock_guard lock(mutex_);
      done_.emplace(begun.sequence, std::move(begun.result));
      changed_.notify_all();
    } else {
      std::vector<Out> results = begun.result.get();
      const std::lock_guard lock(mutex_);
      for (Out& result : results) {
        done_.emplace(begun.sequence++, std::move(result));
      }
      changed_.notify_all();
    }
  }

  const int window_;
  const std::size_t at_once_;
  const core::StopToken& stop_;
  const Source source_;
  const std::vector<std::function<Lane()>> open_lanes_;
  core::Probe* const probe_;  // of who made the stage
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::map<std::int64_t, Out> done_;
  std::int64_t taken_ = 0;
  std::int64_t released_ = 0;          // of those taken, they that are done with
  std::optional<std::int64_t> total_;  // known when the source has ended
  bool reads_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
};

// One stage whose results go to a sink, on the calling thread.
template <typename In, typename Out, typename Given = Out>
class OrderedFlow {
 public:
  using Source = typename OrderedStage<In, Out, Given>::Source;
  using Lane = typename OrderedStage<In, Out, Given>::Lane;
  using Sink = std::function<void(Out)>;

  OrderedFlow(int window, const core::StopToken& stop, std::size_t at_once = 1)
      : window_(window), stop_(stop), at_once_(at_once) {}

  // Throws what a part threw, or Error(kStopped).
  void run(const Source& source, const std::vector<std::function<Lane()>>& open_lanes, const Sink& sink) {
    OrderedStage<In, Out, Given> stage(window_, stop_, source, open_lanes, at_once_);
    while (std::optional<Out> result = stage.next()) {
      sink(std::move(*result));
    }
  }

 private:
  const int window_;
  const core::StopToken& stop_;
  const std::size_t at_once_;
};

}  // namespace facegraph::pipeline
