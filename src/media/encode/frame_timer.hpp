// When a frame is shown in the output: arithmetic only.
#pragma once

#include <cstdint>

#include "media/probe/probe.hpp"

namespace facegraph::media {

// Ticks of the encoder's clock, counted from the first frame's. Constant rate: one tick is one frame and a frame is due
// at its time rounded to the nearest tick, as FFmpeg's fps filter (round=near) does: of several frames on a tick the
// last one stays, empty ticks repeat the frame before. Variable rate: frames keep their times on a fine clock.
class FrameTimer {
 public:
  FrameTimer(Rational ticks_per_second, bool constant) : rate_(ticks_per_second.value()), constant_(constant) {}

  struct Span {
    std::int64_t start = 0;
    std::int64_t count = 0;  // ticks until the next frame; 0: the frame is dropped
  };
  // Time of a new frame, seconds. Returns where the frame before it belongs (count 0 for the first call).
  Span next(double time);
  // At the end: where the last frame belongs. It lasts as long as the step before it, or `usual` seconds when it is the
  // only one.
  Span last(double usual);
  // End of the ticks given out so far, seconds.
  double end() const { return static_cast<double>(next_tick_ - first_tick_) / rate_; }

 private:
  Span close(std::int64_t tick);

  double rate_;
  bool constant_;
  bool started_ = false;
  std::int64_t first_tick_ = 0;
  std::int64_t next_tick_ = 0;  // first one that no frame has yet
  double last_time_ = 0;
  double last_step_ = 0;
};

}  // namespace facegraph::media
