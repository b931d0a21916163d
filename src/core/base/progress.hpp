// Counters of a run that upper rooms read: calls go down, progress comes up by being looked at. Thread safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace facegraph::core {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  // A stretch of work, e.g. "analysing" and then "processing".
  struct Phase {
    std::string label;
    std::string unit = "frames";  // what is counted; "bytes" are shown in megabytes
    long long done = 0;
    long long total = 0;  // expected; an estimate, done may end above or below it; 0: unknown
    Clock::time_point start;
    std::optional<Clock::time_point> end;
  };

  // Starts a phase and ends the one before it.
  void begin(std::string_view label, long long total, std::string_view unit = "frames");
  void expect(long long more);  // the total grows
  void advance(long long done = 1);
  void end();

  // All phases so far, first to last.
  std::vector<Phase> phases() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Phase> phases_;
};

}  // namespace facegraph::core
