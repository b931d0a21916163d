// The process's memory while a job works on its frames.
#pragma once

#include <atomic>
#include <thread>

#include "core/base/progress.hpp"

namespace facegraph::bench {

class ResidentMemory {
 public:
  // Looks several times a second, on a thread of its own. after: frames that count as the beginning.
  ResidentMemory(const core::Progress& progress, long long after);
  ~ResidentMemory();
  ResidentMemory(const ResidentMemory&) = delete;
  ResidentMemory& operator=(const ResidentMemory&) = delete;

  struct Seen {
    double begun_mb = 0;  // when so many frames were done; 0: there were not so many
    double most_mb = 0;   // from then on
    double last_mb = 0;   // when the last frame was done, or shortly before
  };
  // To be called when the job is done.
  Seen seen();

 private:
  void look();

  const core::Progress& progress_;
  const long long after_;
  Seen seen_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace facegraph::bench
