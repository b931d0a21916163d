// An open encoder that hands its packets to the muxer; counts the CPU time spent inside.
#pragma once

#include <cstdint>
#include <map>

#include "media/encode/encoder_clock.hpp"
#include "media/encode/muxer.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {

class Encoder {
 public:
  // Opens the codec with these options; `clock` may be null. Throws Error(kFailed) that names the encoder.
  Encoder(CodecPtr context, Dictionary& options, EncoderClock* clock);

  void attach(Muxer& muxer);
  // frame->pkt_duration is the packet's duration, if not 0. A null frame drains.
  void encode(const AVFrame* frame);
  const AVCodecContext& context() const { return *context_; }

 private:
  CodecPtr context_;
  EncoderClock* clock_;
  Muxer* muxer_ = nullptr;
  int stream_ = 0;
  std::map<std::int64_t, std::int64_t>
      durations_;  // by presentation time, of frames inside the encoder: not all encoders pass them on
  PacketPtr packet_ = make_packet();
  std::int64_t last_decoding_time_ = kNoTime;
};

}  // namespace facegraph::media
