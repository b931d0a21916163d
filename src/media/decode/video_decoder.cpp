#include "media/decode/video_decoder.hpp"

#include <utility>

#include <fmt/core.h>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

constexpr int kAllCores = 0;

}  // namespace

VideoDecoder::VideoDecoder(const std::filesystem::path& path)
    : VideoDecoder(open_input(path), path.string(), kAllCores) {}

VideoDecoder::VideoDecoder(Input input, std::string name, int threads)
    : VideoDecoder(std::move(input), std::move(name), CodecPtr()) {
  decoder_ = open_decoder(*input_.video, threads, name_);
}

VideoDecoder::VideoDecoder(Input input, std::string name, CodecPtr decoder)
    : input_(std::move(input)), name_(std::move(name)), decoder_(std::move(decoder)) {
  if (input_.video == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: has no video stream", name_);
  }
  read_only(*input_.format, *input_.video);
}

AVFrame* VideoDecoder::next() {
  while (true) {
    const int result = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (result >= 0) {
      return frame_.get();
    }
    if (result == AVERROR_EOF) {
      return nullptr;
    }
    if (result == AVERROR(EAGAIN)) {
      feed();
    } else if (result == AVERROR(ENOMEM)) {
      check(result, name_);
    } else {
      ++bad_packets_;
    }
  }
}

void VideoDecoder::feed() {
  while (true) {
    const int read = read_packet(*input_.format, *packet_, name_);
    if (read < 0) {
      read_error_ = read == AVERROR_EOF ? 0 : read;
      avcodec_send_packet(decoder_.get(), nullptr);
      return;
    }
    if (packet_->stream_index == input_.video->index) {
      break;
    }
    av_packet_unref(packet_.get());
  }
  if (!got_packet_) {
    got_packet_ = true;
    first_packet_time_ = packet_->pts;
  }
  const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (sent == AVERROR(ENOMEM)) {
    check(sent, name_);
  }
  // A damaged packet is passed over, as ffmpeg does; the frames that it should have given are missing.
  bad_packets_ += sent < 0 ? 1 : 0;
}

bool VideoDecoder::seek(std::int64_t timestamp) {
  if (av_seek_frame(input_.format.get(), input_.video->index, timestamp, AVSEEK_FLAG_BACKWARD) < 0) {
    return false;
  }
  avcodec_flush_buffers(decoder_.get());
  // Without this flag the H.264 decoder swallows such frames, and one swallowed while draining ends the stream too
  // early.
  decoder_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  got_packet_ = false;
  first_packet_time_ = kNoTime;
  return true;
}

void VideoDecoder::settle() {
  decoder_->flags &= ~AV_CODEC_FLAG_OUTPUT_CORRUPT;
}

std::string VideoDecoder::damage() const {
  if (read_error_ != 0) {
    return fmt::format("the file breaks off ({})", error_text(read_error_));
  }
  if (bad_packets_ > 0) {
    return fmt::format("{} damaged packets were passed over", bad_packets_);
  }
  return "";
}

}  // namespace facegraph::media
