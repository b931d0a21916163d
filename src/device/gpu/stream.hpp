// Owners of streams and events. They outlive nothing: the Gpu lives as long as the process.
#pragma once

#include <utility>

#include "device/gpu/gpu.hpp"

namespace facegraph::device {

// An order of work on one GPU, apart from all other orders.
class Stream {
 public:
  explicit Stream(Gpu& gpu) : gpu_(&gpu), handle_(gpu.create_stream()) {}
  ~Stream() {
    if (handle_ != nullptr) {
      gpu_->destroy_stream(handle_);
    }
  }
  Stream(Stream&& other) noexcept : gpu_(other.gpu_), handle_(std::exchange(other.handle_, nullptr)) {}
  Stream& operator=(Stream&&) = delete;

  StreamHandle handle() const { return handle_; }
  Gpu& gpu() const { return *gpu_; }
  void wait() const { gpu_->wait(handle_); }

 private:
  Gpu* gpu_;
  StreamHandle handle_;
};

// A point in the order of a stream that others can keep to.
class Event {
 public:
  explicit Event(Gpu& gpu) : gpu_(&gpu), handle_(gpu.create_event()) {}
  ~Event() {
    if (handle_ != nullptr) {
      gpu_->destroy_event(handle_);
    }
  }
  Event(Event&& other) noexcept : gpu_(other.gpu_), handle_(std::exchange(other.handle_, nullptr)) {}
  Event& operator=(Event&& other) noexcept {
    std::swap(gpu_, other.gpu_);
    std::swap(handle_, other.handle_);
    return *this;
  }

  // Behind all that the stream has got; a stream of the event's GPU.
  void record(const Stream& stream) const { gpu_->record(handle_, stream.handle()); }
  // What the stream gets from now on is done after what was recorded; nothing before the first record.
  void hold(const Stream& stream) const { gpu_->wait_event(stream.handle(), handle_); }
  // Until what was recorded is done.
  void wait() const { gpu_->wait_for(handle_); }
  // Of recorded events whose stream was waited for.
  double microseconds_since(const Event& before) const { return gpu_->microseconds(before.handle_, handle_); }

 private:
  Gpu* gpu_;
  EventHandle handle_;
};

// Time that the GPU takes for what is enqueued between start() and stop(). It may be destroyed after the stream.
class Timer {
 public:
  explicit Timer(const Stream& stream) : stream_(stream), from_(stream.gpu()), to_(stream.gpu()) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start() { from_.record(stream_); }
  void stop() { to_.record(stream_); }
  // Waits for the stream.
  double microseconds() const {
    stream_.wait();
    return to_.microseconds_since(from_);
  }

 private:
  const Stream& stream_;
  Event from_;
  Event to_;
};

}  // namespace facegraph::device
