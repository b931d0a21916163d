// One of FFmpeg's filter graphs with one input and one output.
#pragma once

#include <string>

#include "media/ffmpeg.hpp"

namespace facegraph::media {

class FilterGraph {
 public:
  // description: the whole graph, its source named "buffer@in" (or "abuffer@in"), its sink "buffersink@out"
  // ("abuffersink@out").
  FilterGraph(const std::string& description, bool audio);

  // A null frame ends the input. The frame is copied by reference.
  void push(const AVFrame* frame);
  // The next output frame; null when the graph wants more input or has ended.
  FramePtr pull();
  AVFilterContext* sink() const { return sink_; }

 private:
  GraphPtr graph_;
  AVFilterContext* source_ = nullptr;
  AVFilterContext* sink_ = nullptr;
};

// "buffer@in=..." for frames like this one.
std::string buffer_source(const AVFrame& frame, AVRational time_base);

}  // namespace facegraph::media
