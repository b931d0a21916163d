// The request to stop: set by a signal handler or a caller, read between frames by everything that takes long.
#pragma once

#include <atomic>

#include "core/base/error.hpp"

namespace facegraph::core {

class StopToken {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

  // Throws Error(kStopped) when a stop was requested.
  void check() const {
    if (requested()) {
      fail(ErrorCode::kStopped, "stopped");
    }
  }

 private:
  std::atomic<bool> requested_{false};  // lock free: set from a signal handler
  static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace facegraph::core
