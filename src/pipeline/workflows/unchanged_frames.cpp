#include "pipeline/workflows/unchanged_frames.hpp"

#include "core/base/log.hpp"

namespace facegraph::pipeline {

void UnchangedFrames::add(const std::string& frame, const runtime::NotFinite& reason) {
  if (count_.fetch_add(1) == 0) {
    core::log_warn("pipeline", "{} passes unchanged: {}", frame, reason.what());
  } else {
    core::log_debug("pipeline", "{} passes unchanged: {}", frame, reason.what());
  }
}

void UnchangedFrames::sum_up(std::int64_t frames) const {
  if (count_ > 0) {
    core::log_warn("pipeline", "{} of {} frames passed unchanged", count_.load(), frames);
  }
}

}  // namespace facegraph::pipeline
