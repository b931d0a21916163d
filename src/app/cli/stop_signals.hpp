// Ctrl-C and termination, turned into a request that the work reads.
#pragma once

#include <signal.h>

#include "core/base/stop.hpp"

namespace facegraph::app {

// While it lives, SIGINT and SIGTERM request the stop (again and again without further effect) instead of ending the
// process, and a closed stderr does not end it either. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  core::StopToken& token() { return token_; }

 private:
  core::StopToken token_;
  struct sigaction interrupt_before_ = {};
  struct sigaction terminate_before_ = {};
  struct sigaction pipe_before_ = {};
};

}  // namespace facegraph::app
