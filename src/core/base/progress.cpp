#include "core/base/progress.hpp"

namespace facegraph::core {

void Progress::begin(std::string_view label, long long total, std::string_view unit) {
  end();
  const std::lock_guard lock(mutex_);
  phases_.push_back(
      {.label = std::string(label), .unit = std::string(unit), .total = total, .start = Clock::now(), .end = {}});
}

void Progress::expect(long long more) {
  const std::lock_guard lock(mutex_);
  if (!phases_.empty()) {
    phases_.back().total += more;
  }
}

void Progress::advance(long long done) {
  const std::lock_guard lock(mutex_);
  if (!phases_.empty()) {
    phases_.back().done += done;
  }
}

void Progress::end() {
  const std::lock_guard lock(mutex_);
  if (!phases_.empty() && !phases_.back().end) {
    phases_.back().end = Clock::now();
  }
}

std::vector<Progress::Phase> Progress::phases() const {
  const std::lock_guard lock(mutex_);
  return phases_;
}

}  // namespace facegraph::core
