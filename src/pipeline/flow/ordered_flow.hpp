// Moves items through three stages at once: one source thread, several lanes, one sink thread. Items leave in the order
// they came; at most `window` are between source and sink, so memory does not grow with the length of a video.
//
// A stage that throws, or a requested stop, ends all three; run() then throws the first error or Error(kStopped).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <pthread.h>

#include "core/base/probe.hpp"
#include "core/base/stop.hpp"

namespace facegraph::pipeline {

template <typename In, typename Out>
class OrderedFlow {
 public:
  using Source = std::function<std::optional<In>()>;
  using Lane = std::function<Out(In)>;
  using Sink = std::function<void(Out)>;

  OrderedFlow(int window, const core::StopToken& stop) : window_(window), stop_(stop) {}

  // lanes: one callable per lane, each called by its own thread only. open_lane runs on the lane's thread before its
  // first item, so that a lane's sessions belong to it; what it returns is destroyed there too. An empty lane is left
  // out: at least one must be there, or open_lane throws.
  void run(const Source& source, const std::vector<std::function<Lane()>>& open_lanes, const Sink& sink) {
    core::Probe* probe = core::probe();
    std::vector<std::thread> threads;
    threads.emplace_back([&] { stage("fg-decode", probe, [&] { read_all(source); }); });
    for (const auto& open_lane : open_lanes) {
      threads.emplace_back([&] { stage("fg-lane", probe, [&] { work(open_lane()); }); });
    }
    threads.emplace_back([&] { stage("fg-encode", probe, [&] { write_all(sink); }); });
    for (std::thread& thread : threads) {
      thread.join();
    }
    if (error_) {
      std::rethrow_exception(error_);
    }
    stop_.check();
  }

 private:
  struct Item {
    std::int64_t sequence = 0;
    In value;
  };

  void stage(const char* name, core::Probe* probe, const std::function<void()>& body) {
    pthread_setname_np(pthread_self(), name);  // as tools show it
    const core::ProbeScope scope(probe);
    try {
      body();
    } catch (...) {
      fail_with(std::current_exception());
    }
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

  void read_all(const Source& source) {
    for (std::int64_t sequence = 0;; ++sequence) {
      {
        std::unique_lock lock(mutex_);
        wait(lock, [&] { return sequence - written_ < window_; });
        if (aborted()) {
          return;
        }
      }
      std::optional<In> value = source();
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

  void work(const Lane& lane) {
    while (lane) {
      std::optional<Item> item;
      {
        std::unique_lock lock(mutex_);
        wait(lock, [&] { return !waiting_.empty() || total_; });
        if (aborted() || waiting_.empty()) {
          return;
        }
        item = std::move(waiting_.front());
        waiting_.pop_front();
      }
      Out result = lane(std::move(item->value));
      const std::lock_guard lock(mutex_);
      done_.emplace(item->sequence, std::move(result));
      changed_.notify_all();
    }
  }

  void write_all(const Sink& sink) {
    for (std::int64_t sequence = 0;; ++sequence) {
      std::optional<Out> result;
      {
        std::unique_lock lock(mutex_);
        wait(lock, [&] { return done_.contains(sequence) || (total_ && sequence >= *total_); });
        if (aborted() || (total_ && sequence >= *total_)) {
          return;
        }
        const auto found = done_.find(sequence);
        result.emplace(std::move(found->second));
        done_.erase(found);
      }
      sink(std::move(*result));
      const std::lock_guard lock(mutex_);
      ++written_;
      changed_.notify_all();
    }
  }

  const int window_;
  const core::StopToken& stop_;
  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::map<std::int64_t, Out> done_;
  std::int64_t written_ = 0;
  std::optional<std::int64_t> total_;  // known when the source has ended
  bool ended_ = false;
  std::exception_ptr error_;
};

}  // namespace facegraph::pipeline
