// Packets to decoded frames, in presentation order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "media/ffmpeg.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {

class VideoDecoder {
 public:
  // Throws Error(kFailed): not readable, no video stream, no decoder.
  explicit VideoDecoder(const std::filesystem::path& path);
  VideoDecoder(Input input, std::string name, int threads);
  VideoDecoder(Input input, std::string name, CodecPtr decoder);  // of the input's video stream

  // The next frame, valid until the next call; null at the end, after everything was drained.
  AVFrame* next();
  // To the keyframe at or before this time stamp of the stream. False: the file cannot seek there; the position is then
  // undefined. Frames that need pictures from before the keyframe come too, flagged AV_FRAME_FLAG_CORRUPT, until
  // settle() is called.
  bool seek(std::int64_t timestamp);
  void settle();

  Input& input() { return input_; }
  const AVStream& stream() const { return *input_.video; }
  const std::string& name() const { return name_; }
  // Why the stream may be incomplete; empty when nothing was found wrong.
  std::string damage() const;
  // Presentation time of the first packet after seek(); kNoTime before it was read.
  std::int64_t first_packet_time() const { return first_packet_time_; }

 private:
  void feed();

  Input input_;
  std::string name_;
  CodecPtr decoder_;
  PacketPtr packet_ = make_packet();
  FramePtr frame_ = make_frame();
  bool got_packet_ = false;
  std::int64_t first_packet_time_ = kNoTime;
  std::int64_t bad_packets_ = 0;
  int read_error_ = 0;
};

}  // namespace facegraph::media
