#include "media/encode/encoder_clock.hpp"

#include <array>
#include <atomic>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/core.h>
#include <pthread.h>

namespace facegraph::media {
namespace {

constexpr std::size_t kNameSize = 16;  // of a Linux thread, with the final zero
constexpr double kNanosecond = 1e-9;

double caller_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + kNanosecond * static_cast<double>(time.tv_nsec);
}

std::string thread_name() {
  std::array<char, kNameSize> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

void set_thread_name(const std::string& name) {
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace

EncoderClock::EncoderClock() {
  static std::atomic<unsigned> made{0};
  name_ = fmt::format("fg-encode-{}", made.fetch_add(1) % 1000);
}

EncoderClock::Scope::Scope(EncoderClock* clock) : clock_(clock) {
  if (clock_ != nullptr) {
    previous_name_ = thread_name();
    set_thread_name(clock_->name_);
    start_ = caller_time();
  }
}

EncoderClock::Scope::~Scope() {
  if (clock_ != nullptr) {
    clock_->caller_seconds_ += caller_time() - start_;
    set_thread_name(previous_name_);
  }
}

double EncoderClock::seconds() const {
  double sum = caller_seconds_;
  for (const auto& [thread, seconds] : thread_seconds_) {
    sum += seconds;
  }
  return sum;
}

void EncoderClock::sample() {
  std::error_code error;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    std::string name;
    std::getline(std::ifstream(task->path() / "comm"), name);
    if (name == name_) {
      double nanoseconds = 0;
      std::ifstream(task->path() / "schedstat") >> nanoseconds;
      thread_seconds_[task->path().filename()] = nanoseconds * kNanosecond;
    }
  }
}

}  // namespace facegraph::media
