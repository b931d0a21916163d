#include "media/decode/video_decoder.hpp"

#include <utility>

#include <fmt/core.h>

namespace facegraph::media {
namespace {

constexpr int kAllCores = 0;

}  // namespace

VideoDecoder::VideoDecoder(const std::filesystem::path& path)
    : VideoDecoder(open_input(path), path.string(), kAllCores) {}

VideoDecoder::VideoDecoder(Input input, std::string name, int threads)
    : packets_(std::move(input), std::move(name)),
      decoder_(open_decoder(packets_.stream(), threads, packets_.name()), packets_.name()) {}

VideoDecoder::VideoDecoder(Input input, std::string name, CodecPtr decoder)
    : packets_(std::move(input), std::move(name)), decoder_(std::move(decoder), packets_.name()) {}

AVFrame* VideoDecoder::next() {
  return decoder_.next([this](AVPacket& packet) { return read(packet); });
}

bool VideoDecoder::read(AVPacket& packet) {
  if (!packets_.read(*packets_.first(), packet)) {
    return false;
  }
  if (!got_packet_) {
    got_packet_ = true;
    first_packet_time_ = packet.pts;
  }
  return true;
}

bool VideoDecoder::seek(std::int64_t timestamp) {
  if (!packets_.seek(timestamp)) {
    return false;
  }
  decoder_.restart();
  // Without these the H.264 decoder swallows such frames, and one swallowed while draining ends the stream too early.
  decoder_.give_incomplete(true);
  got_packet_ = false;
  first_packet_time_ = kNoTime;
  return true;
}

std::string VideoDecoder::damage(std::int64_t bad_packets) const {
  if (packets_.read_error() != 0) {
    return fmt::format("the file breaks off ({})", error_text(packets_.read_error()));
  }
  bad_packets += decoder_.bad_packets();
  if (bad_packets > 0) {
    return fmt::format("{} damaged packets were passed over", bad_packets);
  }
  return "";
}

}  // namespace facegraph::media
