// A GPU made of host memory: what is enqueued is done at once, but what is downloaded arrives with the next wait, as
// who reads it earlier is mistaken; memory is counted and may run out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "core/base/error.hpp"
#include "device/gpu/gpu.hpp"

namespace facegraph::device {

class FakeGpu : public Gpu {
 public:
  explicit FakeGpu(int id = 0, std::size_t total = 1000 << 20U) : info_{id, "Fake", 9, 0, total} {}
  ~FakeGpu() override {
    for (const auto& [memory, bytes] : memory_) {
      std::free(memory);
    }
  }

  const GpuInfo& info() const override { return info_; }
  bool on_host() const override { return true; }
  MemoryInfo memory() override {
    const std::lock_guard lock(mutex_);
    return {info_.total_bytes - used_, info_.total_bytes};
  }
  void bind_thread() override {
    const std::lock_guard lock(mutex_);
    bound.insert(std::this_thread::get_id());
  }

  void* context() override { return nullptr; }

  void* allocate_device(std::size_t bytes) override {
    const std::lock_guard lock(mutex_);
    if (used_ + bytes > info_.total_bytes) {
      core::fail(core::ErrorCode::kOutOfMemory, "GPU {} (Fake): taking {} bytes failed", info_.id, bytes);
    }
    used_ += bytes;
    void* memory = std::malloc(bytes);
    memory_[memory] = bytes;
    return memory;
  }
  void free_device(void* memory) noexcept override {
    const std::lock_guard lock(mutex_);
    used_ -= memory_[memory];
    memory_.erase(memory);
    std::free(memory);
  }
  void* allocate_pinned(std::size_t bytes) override { return std::malloc(bytes); }
  void free_pinned(void* memory) noexcept override { std::free(memory); }

  // A model's weights and activations, which no buffer of ours holds.
  void take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (used_ + bytes > info_.total_bytes) {
      core::fail(core::ErrorCode::kOutOfMemory, "GPU {} (Fake): {} more bytes were needed", info_.id, bytes);
    }
    used_ += bytes;
  }
  void give(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
  }

  StreamHandle create_stream() override { return new_handle(streams); }
  void destroy_stream(StreamHandle) noexcept override { --streams; }
  EventHandle create_event() override { return new_handle(events); }
  void destroy_event(EventHandle) noexcept override { --events; }
  void end_capture(StreamHandle) override { ++ended_captures; }
  // Time that what is enqueued takes.
  void work(double microseconds) {
    const std::lock_guard lock(mutex_);
    clock_us_ += microseconds;
  }
  void record(EventHandle event, StreamHandle stream) override {
    const std::lock_guard lock(mutex_);
    recorded_[event] = {stream, downloads_, clock_us_};
  }
  void wait_for(EventHandle event) override {
    ++counters.waits;
    const std::lock_guard lock(mutex_);
    arrive(recorded_[event].stream, recorded_[event].downloads);
  }
  double microseconds(EventHandle from, EventHandle to) override {
    const std::lock_guard lock(mutex_);
    return recorded_[to].clock_us - recorded_[from].clock_us;
  }
  void wait_event(StreamHandle, EventHandle) override { ++event_waits; }

  void upload(void* device, const void* host, std::size_t bytes, StreamHandle) override {
    ++counters.copies;
    counters.copied_bytes += static_cast<std::int64_t>(bytes);
    uploaded += static_cast<std::int64_t>(bytes);
    std::copy_n(static_cast<const char*>(host), bytes, static_cast<char*>(device));
  }
  void download(void* host, const void* device, std::size_t bytes, StreamHandle stream) override {
    ++counters.copies;
    counters.copied_bytes += static_cast<std::int64_t>(bytes);
    downloaded += static_cast<std::int64_t>(bytes);
    const auto* from = static_cast<const char*>(device);
    const std::lock_guard lock(mutex_);
    arriving_[stream].push_back({downloads_++, host, std::vector<char>(from, from + bytes)});
  }
  void copy_rows(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t row_bytes,
                 std::size_t rows, StreamHandle) override {
    for (std::size_t row = 0; row < rows; ++row) {
      std::copy_n(static_cast<const char*>(from) + row * from_pitch, row_bytes,
                  static_cast<char*>(to) + row * to_pitch);
    }
  }
  void copy_from(Gpu&, void* to, const void* from, std::size_t bytes, StreamHandle) override {
    std::copy_n(static_cast<const char*>(from), bytes, static_cast<char*>(to));
  }
  void mark_not_finite(std::span<const std::span<const float>> lists, int mark, int* found, StreamHandle) override {
    for (const std::span<const float> list : lists) {
      if (!std::all_of(list.begin(), list.end(), [](float value) { return std::isfinite(value); })) {
        *found = mark;
      }
    }
  }
  void wait(StreamHandle stream) override {
    ++counters.waits;
    const std::lock_guard lock(mutex_);
    arrive(stream, downloads_);
  }
  void check_launch(std::string_view) override {}

  std::set<std::thread::id> bound;
  std::atomic<int> streams{0};  // alive
  std::atomic<int> events{0};   // alive
  std::atomic<int> ended_captures{0};
  std::atomic<int> event_waits{0};          // of streams
  std::atomic<std::int64_t> uploaded{0};    // bytes
  std::atomic<std::int64_t> downloaded{0};  // bytes

 private:
  struct Recorded {
    StreamHandle stream = nullptr;
    std::int64_t downloads = 0;  // that were enqueued before it
    double clock_us = 0;
  };
  struct Download {
    std::int64_t number;
    void* host;
    std::vector<char> values;
  };

  // Those of a stream with smaller numbers; under mutex_.
  void arrive(StreamHandle stream, std::int64_t end) {
    std::deque<Download>& arriving = arriving_[stream];
    while (!arriving.empty() && arriving.front().number < end) {
      const Download& first = arriving.front();
      std::copy(first.values.begin(), first.values.end(), static_cast<char*>(first.host));
      arriving.pop_front();
    }
  }

  void* new_handle(std::atomic<int>& alive) {
    ++alive;
    const std::lock_guard lock(mutex_);
    return &handles_.emplace_back();
  }

  GpuInfo info_;
  std::mutex mutex_;
  std::map<void*, std::size_t> memory_;
  std::deque<char> handles_;
  std::map<StreamHandle, std::deque<Download>> arriving_;  // with the next wait
  std::map<EventHandle, Recorded> recorded_;
  std::int64_t downloads_ = 0;
  std::size_t used_ = 0;
  double clock_us_ = 0;
};

}  // namespace facegraph::device
