// Ctrl-C and termination, turned into a request that the work reads.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include <signal.h>

#include "core/base/stop.hpp"

namespace facegraph::app {

// While it lives, SIGINT and SIGTERM request the stop (again and again without further effect) instead of ending the
// process, and a closed stderr does not end it either. Work that does not answer the request in time (a large model
// being loaded cannot be interrupted) is cut off: unfinished files are removed and the process ends with exit code 4.
// One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  core::StopToken& token() { return token_; }

 private:
  void watch();

  core::StopToken token_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;  // guarded by mutex_
  std::thread watchdog_;
  struct sigaction interrupt_before_ = {};
  struct sigaction terminate_before_ = {};
  struct sigaction pipe_before_ = {};
};

}  // namespace facegraph::app
