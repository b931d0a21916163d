// FFmpeg's types and their owners. Included by media's own files only: no header that other rooms see may include it.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "media/probe/probe.hpp"

namespace facegraph::media {

struct AvDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
};
struct InputDeleter {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter>;
using FramePtr = std::unique_ptr<AVFrame, AvDeleter>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvDeleter>;
using GraphPtr = std::unique_ptr<AVFilterGraph, AvDeleter>;
using ScaleContextPtr = std::unique_ptr<SwsContext, AvDeleter>;
struct IoDeleter {
  void operator()(AVIOContext* io) const { avio_close(io); }
};
using IoPtr = std::unique_ptr<AVIOContext, IoDeleter>;
using InputFormatPtr = std::unique_ptr<AVFormatContext, InputDeleter>;

// Options for a call that takes some and leaves the rest.
class Dictionary {
 public:
  Dictionary() = default;
  ~Dictionary() { av_dict_free(&entries_); }
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  void set(const std::string& key, const std::string& value) { av_dict_set(&entries_, key.c_str(), value.c_str(), 0); }
  AVDictionary** get() { return &entries_; }
  // The first option that the call did not know; empty when it took all.
  std::string unused() const;

 private:
  AVDictionary* entries_ = nullptr;
};

constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();  // AV_NOPTS_VALUE

// Throw Error(kOutOfMemory) when there is no memory.
PacketPtr make_packet();
FramePtr make_frame();
// A frame with its own buffer, rows padded as FFmpeg's vector code wants them.
FramePtr make_picture(AVPixelFormat format, int width, int height);

std::string error_text(int code);
// Throws Error(kFailed) "what: FFmpeg's reason", Error(kOutOfMemory) for ENOMEM, when code is negative.
void check(int code, std::string_view what);

// FFmpeg's messages go to the log at debug level, its errors only; nothing reaches stderr. Called by everything that
// opens something.
void route_ffmpeg_log();

// "file:" keeps names with colons from being read as protocols.
std::string url_of(const std::filesystem::path& path);

inline AVRational to_av(Rational value) {
  return {static_cast<int>(value.num), static_cast<int>(value.den)};
}
inline Rational from_av(AVRational value) {
  return {value.num, value.den};
}

}  // namespace facegraph::media
