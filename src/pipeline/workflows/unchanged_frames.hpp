// Frames that pass through a run as they were, because a model gave NaN or infinity for them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/session/not_finite.hpp"

namespace facegraph::pipeline {

// Thread safe. The first such frame is warned about when it comes, all of them at the end.
class UnchangedFrames {
 public:
  // Does the work on the frame of that name. False where it ended with runtime::NotFinite: the frame counts then.
  template <typename Work>
  bool guard(const std::string& frame, const Work& work) {
    try {
      work();
      return true;
    } catch (const runtime::NotFinite& reason) {
      add(frame, reason);
      return false;
    }
  }

  std::int64_t count() const { return count_; }
  // To be called when all `frames` are done.
  void sum_up(std::int64_t frames) const;

 private:
  void add(const std::string& frame, const runtime::NotFinite& reason);

  std::atomic<std::int64_t> count_{0};
};

}  // namespace facegraph::pipeline
