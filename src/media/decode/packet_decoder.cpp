#include "media/decode/packet_decoder.hpp"

namespace facegraph::media {

AVFrame* PacketDecoder::next(const Packets& packets) {
  while (true) {
    const int result = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (result >= 0) {
      return frame_.get();
    }
    if (result == AVERROR_EOF) {
      return nullptr;
    }
    if (result == AVERROR(EAGAIN)) {
      feed(packets);
    } else if (result == AVERROR(ENOMEM)) {
      check(result, name_);
    } else {
      ++bad_packets_;
    }
  }
}

void PacketDecoder::feed(const Packets& packets) {
  if (!packets(*packet_)) {
    avcodec_send_packet(decoder_.get(), nullptr);
    return;
  }
  const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (sent == AVERROR(ENOMEM)) {
    check(sent, name_);
  }
  // A damaged packet is passed over, as ffmpeg does; the frames that it should have given are missing.
  bad_packets_ += sent < 0 ? 1 : 0;
}

void PacketDecoder::give_incomplete(bool give) {
  if (give) {
    decoder_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  } else {
    decoder_->flags &= ~AV_CODEC_FLAG_OUTPUT_CORRUPT;
  }
}

}  // namespace facegraph::media
