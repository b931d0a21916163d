// What the sources' sound says during each frame of the output. spec: portrait-frame-processors.md 6.3
#pragma once

#include <optional>
#include <utility>

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "core/types/audio.hpp"
#include "ops/audio/mel.hpp"
#include "pipeline/options/pipeline_options.hpp"

namespace facegraph::pipeline {

class VoiceTrack {
 public:
  VoiceTrack() = default;  // silence
  // frame_rate: of the output before it is scaled up, which decides where windows begin.
  VoiceTrack(ops::MelSpectrogram spectrogram, double frame_rate)
      : spectrogram_(std::move(spectrogram)), frame_rate_(frame_rate) {}

  // The window of the frame that is shown at that time, in seconds since the first one. None: silence.
  std::optional<core::MelFrame> at(double seconds) const;

 private:
  ops::MelSpectrogram spectrogram_;
  double frame_rate_ = 1;
};

class Engine;

// The voice in the first sound file among the sources; silence where no processor asks for it. Throws Error(kFailed)
// for a file that cannot be decoded, Error(kStopped).
VoiceTrack find_voice(const Engine& engine, const RunOptions& options, double frame_rate, const core::StopToken& stop,
                      core::Progress& progress);

}  // namespace facegraph::pipeline
