#include "media/decode/seek_point.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace facegraph::media {
namespace {

constexpr std::size_t kReorderWindow = 64;  // packets; H.264 and HEVC reorder at most 16 frames

struct Times {
  std::vector<std::int64_t> frames;
  std::vector<std::int64_t> keyframes;
};

// False when a packet has no time.
bool read_times(Input& input, const std::string& name, std::size_t wanted, Times& times) {
  read_only(*input.format, *input.video);
  const PacketPtr packet = make_packet();
  while (times.frames.size() < wanted && read_packet(*input.format, *packet, name) >= 0) {
    if (packet->stream_index == input.video->index && (packet->flags & AV_PKT_FLAG_DISCARD) == 0) {
      if (packet->pts == kNoTime) {
        return false;
      }
      times.frames.push_back(packet->pts);
      if ((packet->flags & AV_PKT_FLAG_KEY) != 0) {
        times.keyframes.push_back(packet->pts);
      }
    }
    av_packet_unref(packet.get());
  }
  return true;
}

}  // namespace

bool packets_are_frames(const Input& input) {
  constexpr std::array kCodecs = {AV_CODEC_ID_H264,  AV_CODEC_ID_HEVC,   AV_CODEC_ID_VP9,  AV_CODEC_ID_AV1,
                                  AV_CODEC_ID_MJPEG, AV_CODEC_ID_PRORES, AV_CODEC_ID_FFV1, AV_CODEC_ID_RAWVIDEO};
  constexpr std::array<std::string_view, 2> kContainers = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"};
  const AVCodecParameters& parameters = *input.video->codecpar;
  const bool progressive = parameters.field_order == AV_FIELD_PROGRESSIVE || parameters.field_order == AV_FIELD_UNKNOWN;
  return progressive && std::find(kCodecs.begin(), kCodecs.end(), parameters.codec_id) != kCodecs.end() &&
         std::find(kContainers.begin(), kContainers.end(), input.format->iformat->name) != kContainers.end();
}

std::optional<SeekPoint> find_seek_point(Input& input, const std::string& name, std::int64_t number) {
  const auto index = static_cast<std::size_t>(number);
  Times times;
  if (number <= 0 || !packets_are_frames(input) || !read_times(input, name, index + kReorderWindow, times) ||
      times.frames.size() <= index || times.keyframes.empty()) {
    return std::nullopt;
  }
  std::sort(times.frames.begin(), times.frames.end());
  const bool repeated = std::adjacent_find(times.frames.begin(), times.frames.end()) != times.frames.end();
  // Frames before the first keyframe may be dropped by the decoder, which would shift the numbers.
  if (repeated || times.keyframes.front() != times.frames.front()) {
    return std::nullopt;
  }
  const std::int64_t frame_time = times.frames[index];
  std::int64_t keyframe = times.keyframes.front();
  for (const std::int64_t time : times.keyframes) {
    keyframe = time <= frame_time ? std::max(keyframe, time) : keyframe;
  }
  if (keyframe == times.frames.front()) {
    return std::nullopt;
  }
  return SeekPoint{keyframe, frame_time, times.frames.front()};
}

}  // namespace facegraph::media
