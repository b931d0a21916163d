#include "app/cli/stop_signals.hpp"

#include <atomic>

namespace facegraph::app {
namespace {

std::atomic<core::StopToken*> requested_token{nullptr};
static_assert(std::atomic<core::StopToken*>::is_always_lock_free);

extern "C" void request_stop(int) {
  if (core::StopToken* token = requested_token.load()) {
    token->request();
  }
}

}  // namespace

StopSignals::StopSignals() {
  requested_token = &token_;
  struct sigaction stop = {};
  stop.sa_handler = request_stop;
  stop.sa_flags = SA_RESTART;  // no library call fails because of the signal
  sigaction(SIGINT, &stop, &interrupt_before_);
  sigaction(SIGTERM, &stop, &terminate_before_);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before_);
}

StopSignals::~StopSignals() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  requested_token = nullptr;
}

}  // namespace facegraph::app
