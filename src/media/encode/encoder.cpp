#include "media/encode/encoder.hpp"

#include <utility>

#include <fmt/core.h>

namespace facegraph::media {

namespace {

// libx265 3.5 gives what its memory holds as the decoding times of a film with fewer frames than it reorders.
bool has_wild_decoding_time(const AVPacket& packet, AVRational time_base) {
  constexpr std::int64_t kMostSeconds = 60;  // that a frame is decoded before it is shown
  if (packet.dts == kNoTime || packet.pts == kNoTime) {
    return false;
  }
  const std::int64_t most_ticks = kMostSeconds * time_base.den / time_base.num;
  return packet.dts > packet.pts || packet.dts < packet.pts - most_ticks;
}

}  // namespace

Encoder::Encoder(CodecPtr context, Dictionary& options, EncoderClock* clock)
    : context_(std::move(context)), clock_(clock) {
  const EncoderClock::Scope scope(clock_);
  check(avcodec_open2(context_.get(), context_->codec, options.get()),
        fmt::format("encoder {}: cannot be opened with these settings", context_->codec->name));
}

void Encoder::attach(Muxer& muxer) {
  muxer_ = &muxer;
  stream_ = muxer.add_stream(*context_);
}

void Encoder::encode(const AVFrame* frame) {
  {
    if (frame != nullptr && frame->pkt_duration > 0) {
      durations_[frame->pts] = frame->pkt_duration;
    }
    const EncoderClock::Scope scope(clock_);
    check(avcodec_send_frame(context_.get(), frame), fmt::format("encoder {}", context_->codec->name));
  }
  while (true) {
    int result = 0;
    {
      const EncoderClock::Scope scope(clock_);
      result = avcodec_receive_packet(context_.get(), packet_.get());
    }
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) {
      return;
    }
    check(result, fmt::format("encoder {}", context_->codec->name));
    if (const auto found = durations_.find(packet_->pts); found != durations_.end()) {
      packet_->duration = found->second;
      durations_.erase(found);
    }
    if (has_wild_decoding_time(*packet_, context_->time_base)) {
      // The first is shown first, and none comes more places late than are reordered.
      packet_->dts = last_decoding_time_ == kNoTime ? packet_->pts - context_->has_b_frames : last_decoding_time_ + 1;
    }
    last_decoding_time_ = packet_->dts;
    muxer_->write(*packet_, stream_, context_->time_base);
  }
}

}  // namespace facegraph::media
