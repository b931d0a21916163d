#include "media/encode/frame_timer.hpp"

#include <algorithm>
#include <cmath>

namespace facegraph::media {
namespace {

// Times are sums and quotients of doubles; a frame that lies exactly between two ticks still goes to the later one.
constexpr double kHalfTickSlack = 1e-6;

}  // namespace

FrameTimer::Span FrameTimer::next(double time) {
  const std::int64_t tick = std::llround(time * rate_ + kHalfTickSlack);
  Span span;
  if (started_) {
    last_step_ = time - last_time_;
    // On a variable clock no frame is lost.
    span = close(constant_ ? tick : std::max(tick, next_tick_ + 1));
  } else {
    first_tick_ = next_tick_ = tick;
    started_ = true;
  }
  last_time_ = time;
  return span;
}

FrameTimer::Span FrameTimer::last(double usual) {
  if (!started_) {
    return {};
  }
  const double step = last_step_ > 0 ? last_step_ : usual;
  const std::int64_t tick = std::llround((last_time_ + step) * rate_ + kHalfTickSlack);
  return close(constant_ ? tick : std::max(tick, next_tick_ + 1));
}

FrameTimer::Span FrameTimer::close(std::int64_t tick) {
  const Span span{next_tick_ - first_tick_, std::max<std::int64_t>(tick - next_tick_, 0)};
  next_tick_ += span.count;
  return span;
}

}  // namespace facegraph::media
