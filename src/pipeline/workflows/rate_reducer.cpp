#include "pipeline/workflows/rate_reducer.hpp"

#include <cmath>
#include <utility>

namespace facegraph::pipeline {

namespace {
// Half of a halved rate's frames lie between two places: rounding errors of their times must not decide.
constexpr double kTimeSlack = 1e-6;
}  // namespace

std::int64_t RateReducer::place(const TargetFrame& frame) const {
  return std::llround((frame.time - *origin_) * rate_ + kTimeSlack);
}

std::optional<TargetFrame> RateReducer::read() {
  if (!started_) {
    started_ = true;
    held_ = source_();
    if (held_ && !origin_) {
      origin_ = held_->time;
    }
  }
  while (held_) {
    auto next = source_();
    if (next && place(*next) == place(*held_)) {
      held_ = std::move(next);
      continue;
    }
    return std::exchange(held_, std::move(next));
  }
  return std::nullopt;
}

}  // namespace facegraph::pipeline
