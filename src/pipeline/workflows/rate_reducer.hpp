// Drops frames by time, before they cost anything, when the output has fewer frames per second than the target (the
// reference's memory strategy keeps them all and plays slower: defect D1).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "pipeline/workflows/target_frame.hpp"

namespace facegraph::pipeline {

class RateReducer {
 public:
  // rate: wanted frames per second; a frame's place in the output is its time since the first frame times rate,
  // rounded, and of several frames at one place the last one stays (as FFmpeg's fps filter does).
  RateReducer(FramePull source, double rate) : source_(std::move(source)), rate_(rate) {}

  std::optional<TargetFrame> read();

 private:
  std::int64_t place(const TargetFrame& frame) const;

  FramePull source_;
  double rate_;
  double first_time_ = 0;
  std::optional<TargetFrame> held_;
  bool started_ = false;
};

}  // namespace facegraph::pipeline
