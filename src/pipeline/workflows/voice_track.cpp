#include "pipeline/workflows/voice_track.hpp"

#include <cmath>

namespace facegraph::pipeline {

std::optional<core::MelFrame> VoiceTrack::at(double seconds) const {
  return ops::mel_frame(spectrogram_, frame_rate_, std::llround(seconds * frame_rate_));
}

}  // namespace facegraph::pipeline
