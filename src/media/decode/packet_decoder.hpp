// One decoder, fed with packets from wherever they come.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "media/ffmpeg.hpp"

namespace facegraph::media {

class PacketDecoder {
 public:
  using Packets = std::function<bool(AVPacket&)>;  // gives the next one; false: there is none

  PacketDecoder(CodecPtr decoder, std::string name) : decoder_(std::move(decoder)), name_(std::move(name)) {}

  // The next frame, valid until the next call; null when all that the packets gave is out. Damaged packets are passed
  // over. Throws what `packets` throws, and Error(kOutOfMemory).
  AVFrame* next(const Packets& packets);
  // To go on with other packets, which need nothing from before.
  void restart() { avcodec_flush_buffers(decoder_.get()); }
  // Whether frames that miss pictures from before come too, flagged AV_FRAME_FLAG_CORRUPT.
  void give_incomplete(bool give);

  std::int64_t bad_packets() const { return bad_packets_; }
  CodecPtr take() { return std::move(decoder_); }

 private:
  void feed(const Packets& packets);

  CodecPtr decoder_;
  std::string name_;
  PacketPtr packet_ = make_packet();
  FramePtr frame_ = make_frame();
  std::int64_t bad_packets_ = 0;
};

}  // namespace facegraph::media
