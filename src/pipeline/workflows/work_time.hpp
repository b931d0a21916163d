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
    struct Added {
      std::atomic<std::int64_t>& sum;
      const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
      ~Added() { sum += (std::chrono::steady_clock::now() - start) / std::chrono::nanoseconds(1); }
    } const added{nanoseconds_};
    return work();
  }
  double seconds() const { return static_cast<double>(nanoseconds_) * 1e-9; }

 private:
  std::atomic<std::int64_t> nanoseconds_{0};
};

// CPU time of all threads of this process, seconds.
double process_cpu_seconds();

}  // namespace facegraph::pipeline
