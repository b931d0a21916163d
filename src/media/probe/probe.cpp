#include "media/probe/probe.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {
namespace {

constexpr double kSaneRate = 120;  // frames per second; a higher r_frame_rate is believed only if the average agrees
constexpr double kRateTolerance = 0.01;  // relative
constexpr double kStepTolerance = 0.2;   // relative; containers round frame times to their clock
constexpr int kMillion = 1000000;

bool near(double a, double b, double tolerance) {
  return std::abs(a - b) <= tolerance * std::max(a, b);
}

bool is_rate(AVRational rate) {
  return rate.num > 0 && rate.den > 0;
}

// {0, 1} when the container tells none.
Rational frame_rate_of(const AVStream& stream) {
  const AVRational real = stream.r_frame_rate;
  const AVRational average = stream.avg_frame_rate;
  if (!is_rate(real)) {
    return is_rate(average) ? from_av(average) : Rational{};
  }
  if (av_q2d(real) > kSaneRate && !(is_rate(average) && near(av_q2d(real), av_q2d(average), kRateTolerance))) {
    return is_rate(average) ? from_av(average) : Rational{};
  }
  return from_av(real);
}

// The container's index lists every frame (MP4, AVI): true if its steps differ by more than rounding.
bool index_steps_differ(AVStream& stream) {
  const int entries = avformat_index_get_entries_count(&stream);
  std::int64_t low = 0;
  std::int64_t high = 0;
  // The last step is left out: it often carries what is left to the container's duration.
  for (int i = 1; i < entries - 1; ++i) {
    const std::int64_t step =
        avformat_index_get_entry(&stream, i)->timestamp - avformat_index_get_entry(&stream, i - 1)->timestamp;
    low = i == 1 ? step : std::min(low, step);
    high = i == 1 ? step : std::max(high, step);
  }
  return high - low > std::max(2.0, kStepTolerance * static_cast<double>(high));
}

bool has_variable_rate(AVStream& stream) {
  if (stream.nb_frames > 2 && avformat_index_get_entries_count(&stream) == stream.nb_frames) {
    return index_steps_differ(stream);
  }
  return is_rate(stream.r_frame_rate) && is_rate(stream.avg_frame_rate) &&
         !near(av_q2d(stream.r_frame_rate), av_q2d(stream.avg_frame_rate), kRateTolerance);
}

double duration_of(const Input& input) {
  if (input.video->duration != kNoTime && input.video->duration > 0) {
    return static_cast<double>(input.video->duration) * av_q2d(input.video->time_base);
  }
  return input.format->duration == kNoTime ? 0 : static_cast<double>(input.format->duration) / AV_TIME_BASE;
}

// For files that tell no count and too little to compute one (raw streams, Matroska at a variable rate): reads them
// once. Leaves the file at its end.
std::int64_t count_packets(Input& input, const std::string& name) {
  read_only(*input.format, *input.video);
  const PacketPtr packet = make_packet();
  std::int64_t count = 0;
  while (read_packet(*input.format, *packet, name) >= 0) {
    count += packet->stream_index == input.video->index ? 1 : 0;
    av_packet_unref(packet.get());
  }
  return count;
}

std::string or_unknown(const char* name) {
  return name == nullptr ? "unknown" : name;
}

void describe_streams(VideoInfo& info, const AVFormatContext& format) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const AVMediaType type = format.streams[i]->codecpar->codec_type;
    info.audio_streams += type == AVMEDIA_TYPE_AUDIO ? 1 : 0;
    info.subtitle_streams += type == AVMEDIA_TYPE_SUBTITLE ? 1 : 0;
  }
  info.has_audio = info.audio_streams > 0;
}

}  // namespace

VideoInfo describe(Input& input, const std::string& name) {
  if (input.video == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: has no video stream", name);
  }
  AVStream& stream = *input.video;
  const AVCodecParameters& parameters = *stream.codecpar;
  if (parameters.width <= 0 || parameters.height <= 0) {
    core::fail(core::ErrorCode::kFailed, "{}: the video stream ({}) cannot be decoded: no frame size found", name,
               avcodec_get_name(parameters.codec_id));
  }
  VideoInfo info;
  info.rotation = rotation_of(stream);
  info.size = {parameters.width, parameters.height};
  if (info.rotation % 180 != 0) {
    std::swap(info.size.width, info.size.height);
  }
  info.frame_rate = frame_rate_of(stream);
  info.variable_frame_rate = has_variable_rate(stream);
  info.duration = duration_of(input);
  info.codec = avcodec_get_name(parameters.codec_id);
  info.pixel_format = or_unknown(av_get_pix_fmt_name(static_cast<AVPixelFormat>(parameters.format)));
  info.colour_space = or_unknown(av_color_space_name(parameters.color_space));
  info.colour_transfer = or_unknown(av_color_transfer_name(parameters.color_trc));
  describe_streams(info, *input.format);

  info.frame_total = stream.nb_frames;
  const bool rate_known = info.frame_rate.num > 0;
  if (info.frame_total <= 0 && info.duration > 0 && rate_known) {
    info.frame_total = std::lrint(info.duration * info.frame_rate.value());
  }
  if (info.frame_total <= 0) {
    info.frame_total = count_packets(input, name);
    info.variable_frame_rate = info.variable_frame_rate || !rate_known;
  }
  if (info.frame_total <= 0) {
    core::fail(core::ErrorCode::kFailed, "{}: the video stream has no frames", name);
  }
  if (info.frame_rate.num <= 0) {
    const double rate = info.duration > 0 ? static_cast<double>(info.frame_total) / info.duration : 25;
    info.frame_rate = from_av(av_d2q(rate, kMillion));
  }
  if (info.duration <= 0) {
    info.duration = static_cast<double>(info.frame_total) / info.frame_rate.value();
  }
  return info;
}

VideoInfo probe_video(const std::filesystem::path& path) {
  Input input = open_input(path);
  return describe(input, path.string());
}

}  // namespace facegraph::media
