#include "app/cli/stop_signals.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "media/file/output_file.hpp"
#include "media/file/temp_folder.hpp"

namespace facegraph::app {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(50);
constexpr auto kPatience = std::chrono::milliseconds(1200);  // the promise to the user is two seconds
constexpr int kStoppedExit = 4;

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
  watchdog_ = std::thread([this] { watch(); });
}

void StopSignals::watch() {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return over_; };
  while (!token_.requested()) {
    if (ended_.wait_for(lock, kPoll, over)) {
      return;
    }
  }
  if (!ended_.wait_for(lock, kPatience, over)) {
    media::discard_unfinished_files();
    media::discard_temp_folders();
    std::_Exit(kStoppedExit);
  }
}

StopSignals::~StopSignals() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_all();
  watchdog_.join();
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  requested_token = nullptr;
}

}  // namespace facegraph::app
