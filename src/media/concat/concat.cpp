#include "media/concat/concat.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/encode/audio_encoder.hpp"
#include "media/encode/muxer.hpp"
#include "media/file/output_file.hpp"
#include "media/media.hpp"
#include "media/probe/input.hpp"
#include "media/provenance/read_provenance.hpp"

namespace facegraph::media {
namespace {

namespace fs = std::filesystem;

std::string describe(const AVCodecParameters& parameters) {
  const char* codec = avcodec_get_name(parameters.codec_id);
  return parameters.codec_type == AVMEDIA_TYPE_VIDEO
             ? fmt::format("{} {}x{}", codec, parameters.width, parameters.height)
             : fmt::format("{} {} Hz with {} channels", codec, parameters.sample_rate,
                           parameters.ch_layout.nb_channels);
}

// What a decoder is told once for the whole file must be the same. `headers`: the container keeps the video codec's own
// header once, so that has to be equal too. (Sound's may hold a checksum or a length, FLAC's does; its settings tell.)
bool alike(const AVCodecParameters& a, const AVCodecParameters& b, bool headers) {
  const bool same_header = !headers || a.codec_type != AVMEDIA_TYPE_VIDEO ||
                           (a.extradata_size == b.extradata_size &&
                            (a.extradata_size == 0 ||
                             std::memcmp(a.extradata, b.extradata, static_cast<std::size_t>(a.extradata_size)) == 0));
  return a.codec_id == b.codec_id && a.width == b.width && a.height == b.height && a.format == b.format &&
         a.sample_rate == b.sample_rate && a.ch_layout.nb_channels == b.ch_layout.nb_channels && same_header;
}

constexpr int kNone = -1;  // no stream

// Matroska keeps presentation times only: decoding times are the same times in rising order, delayed by as many frames
// as the decoder holds back.
class DecodingTimes {
 public:
  explicit DecodingTimes(int delay) : delay_(delay) {}

  std::int64_t next(std::int64_t presented, std::int64_t step) {
    waiting_.insert(presented);
    if (count_ < delay_) {
      return *waiting_.begin() - (delay_ - count_++) * step;
    }
    return waiting_.extract(waiting_.begin()).value();
  }

 private:
  int delay_;
  int count_ = 0;
  std::multiset<std::int64_t> waiting_;
};

class Joiner {
 public:
  Joiner(Muxer& muxer, int video, int audio) : muxer_(muxer), video_(video), audio_(audio) {}

  // Appends a part. `sound`, when there is one, is encoded up to the end of the picture.
  void append(Input& part, const std::string& name, AudioTrack* sound) {
    for (unsigned i = 0; i < part.format->nb_streams; ++i) {
      const AVStream* stream = part.format->streams[i];
      const bool used = stream == part.video || (stream == part.audio && audio_ != kNone);
      part.format->streams[i]->discard = used ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    start_.reset();
    end_ = offset_;
    const bool pts_only = std::strstr(part.format->iformat->name, "matroska") != nullptr;
    decoding_times_ = pts_only ? std::optional<DecodingTimes>(part.video->codecpar->video_delay) : std::nullopt;
    int result = 0;
    while ((result = read_packet(*part.format, *packet_, name)) >= 0) {
      const bool picture = packet_->stream_index == part.video->index;
      if (picture) {
        copy_picture(*part.video);
      } else if (part.audio != nullptr && packet_->stream_index == part.audio->index && audio_ != kNone) {
        copy_sound(*part.audio, start_.value_or(start_of(*part.video)));
      }
      av_packet_unref(packet_.get());
      if (picture && sound != nullptr) {
        sound->advance(end_);
      }
    }
    if (result != AVERROR_EOF) {
      check(result, name);
    }
    if (end_ <= offset_) {
      core::fail(core::ErrorCode::kFailed, "{}: has no frames", name);
    }
    offset_ = on_grid(*part.video, end_);
    first_ = false;
  }

  // Seconds of picture so far.
  double duration() const { return offset_; }

 private:
  void copy_picture(const AVStream& stream) {
    const double tick = av_q2d(stream.time_base);
    const std::int64_t step = step_of(stream);
    const std::int64_t told = packet_->pts == kNoTime ? packet_->dts : packet_->pts;
    if (!start_) {
      start_ = stream.start_time == kNoTime ? static_cast<double>(told == kNoTime ? 0 : told) * tick : start_of(stream);
    }
    if (told == kNoTime) {
      // Frames that share a packet of the container (MPEG): each follows the one before.
      packet_->pts = packet_->dts = next_time_;
    } else if (decoding_times_) {
      packet_->dts = std::min(packet_->pts, decoding_times_->next(packet_->pts, step));
    }
    const std::int64_t shown = told == kNoTime ? next_time_ : told;
    next_time_ = shown + step;
    end_ = std::max(end_, static_cast<double>(shown + step) * tick - *start_ + offset_);
    shift(stream.time_base, offset_ - *start_);
    muxer_.write(*packet_, video_, stream.time_base);
  }

  void copy_sound(const AVStream& stream, double picture_start) {
    const double tick = av_q2d(stream.time_base);
    const std::int64_t told = packet_->pts == kNoTime ? packet_->dts : packet_->pts;
    const double end = static_cast<double>(told + packet_->duration) * tick - picture_start;
    // What only starts up the decoder is needed once, before the first part.
    if (!first_ && told != kNoTime && end <= tick) {
      return;
    }
    shift(stream.time_base, offset_ - picture_start);
    muxer_.write(*packet_, audio_, stream.time_base);
  }

  void shift(AVRational time_base, double seconds) {
    const std::int64_t step = std::llround(seconds / av_q2d(time_base));
    packet_->pts = packet_->pts == kNoTime ? kNoTime : packet_->pts + step;
    packet_->dts = packet_->dts == kNoTime ? kNoTime : packet_->dts + step;
  }

  std::int64_t step_of(const AVStream& stream) const {
    const AVRational rate = stream.avg_frame_rate;
    if (packet_->duration > 0 || rate.num <= 0 || rate.den <= 0) {
      return packet_->duration;
    }
    return std::llround(1 / (av_q2d(rate) * av_q2d(stream.time_base)));
  }

  // Containers with a coarse clock round every frame's time: at a constant rate the end of n frames is known better.
  static double on_grid(const AVStream& stream, double end) {
    const AVRational rate = stream.avg_frame_rate;
    if (rate.num <= 0 || rate.den <= 0) {
      return end;
    }
    const double exact = std::round(end * av_q2d(rate)) / av_q2d(rate);
    return std::abs(exact - end) <= 2 * av_q2d(stream.time_base) ? exact : end;
  }

  Muxer& muxer_;
  int video_;  // streams of the output
  int audio_;
  PacketPtr packet_ = make_packet();
  double offset_ = 0;            // where the part begins in the output, seconds
  std::optional<double> start_;  // of the part's picture in its own time
  std::optional<DecodingTimes> decoding_times_;
  std::int64_t next_time_ = 0;
  double end_ = 0;
  bool first_ = true;
};

void require_alike(const AVStream& model, const AVStream& stream, bool headers, const fs::path& part,
                   const fs::path& first) {
  if (!alike(*model.codecpar, *stream.codecpar, headers)) {
    core::fail(core::ErrorCode::kFailed,
               "{}: cannot be joined to {} without encoding again: {} or its settings differ from {}", part.string(),
               first.string(), describe(*stream.codecpar), describe(*model.codecpar));
  }
}

Input open_part(const fs::path& part, const fs::path& output) {
  if (format_of(part) != format_of(output)) {
    core::fail(core::ErrorCode::kFailed, "{}: the parts of {} must have its extension", part.string(), output.string());
  }
  Input input = open_input(part);
  if (input.video == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: has no video stream", part.string());
  }
  return input;
}

// The streams of the output, open as long as this lives.
struct Models {
  Input first;
  Input first_with_sound;
  const AVStream* video = nullptr;
  const AVStream* audio = nullptr;
  Provenance provenance;  // of all parts together
};

// Looks at every part, one open at a time: there may be hundreds.
Models examine(std::span<const fs::path> parts, const fs::path& output, bool with_sound, bool headers) {
  Models models;
  models.first = open_part(parts.front(), output);
  models.video = models.first.video;
  add_models(models.provenance, *models.first.format);
  models.audio = with_sound ? models.first.audio : nullptr;
  for (const fs::path& part : parts.subspan(1)) {
    Input input = open_part(part, output);
    require_alike(*models.video, *input.video, headers, part, parts.front());
    add_models(models.provenance, *input.format);
    if (!with_sound || input.audio == nullptr) {
      continue;
    }
    if (models.audio == nullptr) {
      models.audio = input.audio;
      models.first_with_sound = std::move(input);
    } else {
      require_alike(*models.audio, *input.audio, headers, part, parts.front());
    }
  }
  return models;
}

}  // namespace

void concat_videos(std::span<const fs::path> parts, const fs::path& output, const std::optional<AudioSettings>& sound) {
  if (parts.empty()) {
    core::fail(core::ErrorCode::kFailed, "{}: there are no parts to join", output.string());
  }
  OutputFile file(output);
  if (parts.size() == 1 && !sound) {
    open_part(parts.front(), output);
    file.copy_from(parts.front());
    file.commit();
    return;
  }
  Muxer muxer(file.partial(), output.string());
  const Models models = examine(parts, output, !sound, muxer.wants_global_header());
  const int video = muxer.add_stream(*models.video);
  const int audio = models.audio == nullptr ? kNone : muxer.add_stream(*models.audio);
  if (models.audio != nullptr && models.audio->codecpar->codec_id == AV_CODEC_ID_FLAC && format_of(output) == "avi") {
    core::log_warn("media", "{}: flac frames carry numbers, players may stumble over joined ones in avi",
                   output.string());
  }
  const std::unique_ptr<AudioTrack> track = sound ? make_audio_track(*sound, format_of(output), muxer) : nullptr;
  if (track) {
    track->attach(muxer);
  }
  muxer.mark(models.provenance);
  muxer.begin();
  Joiner joiner(muxer, video, audio);
  for (const fs::path& part : parts) {
    Input input = open_part(part, output);
    joiner.append(input, part.string(), track.get());
  }
  if (track) {
    track->finish(joiner.duration());
  }
  muxer.finish();
  file.commit();
}

}  // namespace facegraph::media
