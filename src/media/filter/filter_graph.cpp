#include "media/filter/filter_graph.hpp"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

#include <fmt/core.h>

#include "core/base/error.hpp"

namespace facegraph::media {

FilterGraph::FilterGraph(const std::string& description, bool audio) : graph_(avfilter_graph_alloc()) {
  if (!graph_) {
    core::fail(core::ErrorCode::kOutOfMemory, "filter: no memory");
  }
  // Picture graphs here are a transpose or a palette: one thread is enough, and FFmpeg's pool would be one more set of
  // threads.
  graph_->nb_threads = 1;
  AVFilterInOut* inputs = nullptr;
  AVFilterInOut* outputs = nullptr;
  const int parsed = avfilter_graph_parse2(graph_.get(), description.c_str(), &inputs, &outputs);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  check(parsed, fmt::format("filter '{}'", description));
  source_ = avfilter_graph_get_filter(graph_.get(), audio ? "abuffer@in" : "buffer@in");
  sink_ = avfilter_graph_get_filter(graph_.get(), audio ? "abuffersink@out" : "buffersink@out");
  if (source_ == nullptr || sink_ == nullptr) {
    core::fail(core::ErrorCode::kFailed, "filter '{}': has no source or sink", description);
  }
  check(avfilter_graph_config(graph_.get(), nullptr), fmt::format("filter '{}'", description));
}

void FilterGraph::push(const AVFrame* frame) {
  check(av_buffersrc_write_frame(source_, frame), "filter: input");
}

FramePtr FilterGraph::pull() {
  FramePtr frame = make_frame();
  const int result = av_buffersink_get_frame(sink_, frame.get());
  if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) {
    return nullptr;
  }
  check(result, "filter: output");
  return frame;
}

std::string buffer_source(const AVFrame& frame, AVRational time_base) {
  return fmt::format("buffer@in=video_size={}x{}:pix_fmt={}:time_base={}/{}", frame.width, frame.height, frame.format,
                     time_base.num, time_base.den);
}

}  // namespace facegraph::media
