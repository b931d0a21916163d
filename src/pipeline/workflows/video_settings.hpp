// What a video run's options mean for this target: which frames are read, how the output is encoded.
#pragma once

#include <optional>

#include "media/decode/frame_source.hpp"
#include "media/encode/frame_sink.hpp"
#include "media/probe/probe.hpp"
#include "pipeline/options/pipeline_options.hpp"

namespace facegraph::pipeline {

// The trim range within the target. Throws Error(kFailed) when no frame lies in it.
media::FrameRange frame_range(const RunOptions& options, const media::VideoInfo& info);

// All settings but the sound's.
media::VideoSettings video_settings(const RunOptions& options, const media::VideoInfo& info);

// The first sound file among the sources.
std::optional<std::filesystem::path> source_sound(const RunOptions& options);

// The first sound file among the sources, else the target's own sound between these times (seconds since its first
// frame); none: the output is silent.
std::optional<media::AudioSettings> audio_settings(const RunOptions& options, const media::VideoInfo& info,
                                                   double start, std::optional<double> end);

void warn_of_dropped_streams(const RunOptions& options, const media::VideoInfo& info);

}  // namespace facegraph::pipeline
