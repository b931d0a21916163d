// Drops frames by time, before they cost anything, when the output has fewer frames per second than the target (the
// reference's memory strategy keeps them all and plays slower: defect D1).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "media/decode/frame_source.hpp"

namespace facegraph::pipeline {

class RateReducer final : public media::FrameSource {
 public:
  // rate: wanted frames per second; a frame's place in the output is its time since the first frame times rate,
  // rounded, and of several frames at one place the last one stays (as FFmpeg's fps filter does).
  RateReducer(std::unique_ptr<media::FrameSource> source, double rate) : source_(std::move(source)), rate_(rate) {}

  std::optional<media::SourceFrame> read() override;

 private:
  std::int64_t place(const media::SourceFrame& frame) const;

  std::unique_ptr<media::FrameSource> source_;
  double rate_;
  double first_time_ = 0;
  std::optional<media::SourceFrame> held_;
  bool started_ = false;
};

}  // namespace facegraph::pipeline
