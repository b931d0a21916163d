#include "support/resident_memory.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <unistd.h>

namespace facegraph::bench {

namespace {

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace

ResidentMemory::ResidentMemory(const core::Progress& progress, long long after)
    : progress_(progress), after_(after), thread_([this] { look(); }) {}

ResidentMemory::~ResidentMemory() {
  seen();
}

ResidentMemory::Seen ResidentMemory::seen() {
  done_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
  return seen_;
}

void ResidentMemory::look() {
  while (!done_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (const core::Progress::Phase& phase : progress_.phases()) {
      if (phase.label == "processing" && phase.done >= after_ && !phase.end) {
        seen_.last_mb = resident_mb();
        seen_.most_mb = std::max(seen_.most_mb, seen_.last_mb);
        seen_.begun_mb = seen_.begun_mb > 0 ? seen_.begun_mb : seen_.last_mb;
      }
    }
  }
}

}  // namespace facegraph::bench
