#include "pipeline/workflows/voice_track.hpp"

#include <cmath>

#include "media/audio/sound_file.hpp"
#include "pipeline/workflows/engine.hpp"
#include "pipeline/workflows/video_settings.hpp"

namespace facegraph::pipeline {

std::optional<core::MelFrame> VoiceTrack::at(double seconds) const {
  return ops::mel_frame(spectrogram_, frame_rate_, std::llround(seconds * frame_rate_));
}

VoiceTrack find_voice(const Engine& engine, const RunOptions& options, double frame_rate, const core::StopToken& stop,
                      core::Progress& progress) {
  if (!engine.needs().source_audio) {
    return {};
  }
  const std::vector<std::int16_t> sound = media::read_sound(source_sound(options).value());
  const std::int64_t stretches = analysers::voice_stretches(sound.size() / 2);
  engine.pool().expect_runs(stretches);
  analysers::VoiceExtractor extractor(engine.context(), engine.voice_extractor());
  progress.begin("listening", stretches);
  const std::vector<float> voice = extractor.extract(sound, [&] {
    stop.check();
    progress.advance();
  });
  progress.end();
  return {analysers::mel_of_voice(voice, media::kSoundRate), frame_rate};
}

}  // namespace facegraph::pipeline
