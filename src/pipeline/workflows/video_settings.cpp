#include "pipeline/workflows/video_settings.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "media/media.hpp"
#include "pipeline/workflows/resolution.hpp"

namespace facegraph::pipeline {

namespace {

// Output rate as a fraction: the source's own stays exact.
media::Rational output_rate(const RunOptions& options, const media::VideoInfo& info) {
  if (!options.output.video_fps) {
    return info.frame_rate;
  }
  constexpr std::int64_t kPrecision = 100000;
  return {std::llround(*options.output.video_fps * kPrecision), kPrecision};
}

}  // namespace

media::FrameRange frame_range(const RunOptions& options, const media::VideoInfo& info) {
  const Trim trim = restrict_trim(info.frame_total, options.trim_start, options.trim_end);
  const bool to_the_end = !options.trim_end || *options.trim_end >= info.frame_total;
  if (trim.start >= trim.end) {
    core::fail(core::ErrorCode::kFailed, "no frames to process: {} has {} frames and the trim range is {} to {}",
               options.target_path.string(), info.frame_total, trim.start, trim.end);
  }
  // frame_total is the container's word: without a trimmed end the stream's own end counts (defect D10).
  return {trim.start, to_the_end ? std::nullopt : std::optional(trim.end)};
}

media::VideoSettings video_settings(const RunOptions& options, const media::VideoInfo& info) {
  const OutputOptions& output = options.output;
  media::VideoSettings settings;
  settings.path = options.result_path;
  settings.size = video_resolution(info.size, output.video_scale);
  settings.frame_rate = output_rate(options, info);
  settings.constant_rate = !info.variable_frame_rate || output.video_fps.has_value();
  settings.encoder = output.video_encoder;
  settings.preset = output.video_preset;
  settings.quality = output.video_quality;
  return settings;
}

std::optional<std::filesystem::path> source_sound(const RunOptions& options) {
  const auto given = std::find_if(options.source_paths.begin(), options.source_paths.end(),
                                  [](const auto& path) { return media::kind_of(path) == media::MediaKind::kAudio; });
  return given == options.source_paths.end() ? std::nullopt : std::optional(*given);
}

std::optional<media::AudioSettings> audio_settings(const RunOptions& options, const media::VideoInfo& info,
                                                   double start, std::optional<double> end) {
  const OutputOptions& output = options.output;
  if (output.audio_volume == 0) {
    return std::nullopt;
  }
  media::AudioSettings audio;
  audio.encoder = output.audio_encoder.value_or("");
  audio.quality = output.audio_quality;
  audio.volume = output.audio_volume;
  if (const auto given = source_sound(options)) {
    audio.path = *given;
    return audio;
  }
  if (!info.has_audio) {
    return std::nullopt;
  }
  audio.path = options.target_path;
  audio.start = start;
  audio.end = end;
  return audio;
}

void warn_of_dropped_streams(const RunOptions& options, const media::VideoInfo& info) {
  if (info.audio_streams > 1 || info.subtitle_streams > 0) {
    core::log_warn("video",
                   "{}: only the first sound track is kept; {} further sound and {} subtitle tracks are dropped",
                   options.target_path.string(), std::max(0, info.audio_streams - 1), info.subtitle_streams);
  }
}

}  // namespace facegraph::pipeline
