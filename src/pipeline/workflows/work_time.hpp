// Where the time of a run goes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace facegraph::pipeline {

// Time that threads spend in one kind of work.
class WorkTime {
 public:
  template <typename Work>
  auto of(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    nanoseconds_ += (std::chrono::steady_clock::now() - start) / std::chrono::nanoseconds(1);
    return result;
  }
  double seconds() const { return static_cast<double>(nanoseconds_) * 1e-9; }

 private:
  std::atomic<std::int64_t> nanoseconds_{0};
};

// CPU time of all threads of this process, seconds.
double process_cpu_seconds();

}  // namespace facegraph::pipeline
