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
  // origin: the first frame's time when the source goes on where another one ended.
  RateReducer(FramePull source, double rate, std::optional<double> origin = std::nullopt)
      : source_(std::move(source)), rate_(rate), origin_(origin) {}

  std::optional<TargetFrame> read();

 private:
  std::int64_t place(const TargetFrame& frame) const;

  FramePull source_;
  double rate_;
  std::optional<double> origin_;
  std::optional<TargetFrame> held_;
  bool started_ = false;
};

}  // namespace facegraph::pipeline
