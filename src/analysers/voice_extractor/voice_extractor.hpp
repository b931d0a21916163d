// Takes the voice out of a sound. spec: analysis.md 13.4
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "core/options/option.hpp"
#include "ops/audio/mel.hpp"

namespace facegraph::analysers {

struct VoiceExtractorOptions {
  std::string model = "kim_vocal_2";  // or kim_vocal_1, uvr_mdxnet; empty: the model set has none

  static VoiceExtractorOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& voice_extractor_options();
// None where the model set has no such model.
std::vector<models::ModelFile> voice_extractor_models(const VoiceExtractorOptions& options);

// How many stretches a sound has; samples: of each channel.
std::int64_t voice_stretches(std::size_t samples);

class VoiceExtractor {
 public:
  // The options name a model.
  VoiceExtractor(const Context& context, const VoiceExtractorOptions& options);

  // sound: 48 kHz, left and right in turn; the voice in the same form, about -1..1. The network sees one stretch of it
  // after another; before each of them on_stretch is called, and may throw.
  std::vector<float> extract(
      std::span<const std::int16_t> sound, const std::function<void()>& on_stretch = [] {});

 private:
  runtime::Session session_;
};

// How a voice sounds to the lip syncer's models; voice: left and right in turn. No columns for silence.
ops::MelSpectrogram mel_of_voice(std::span<const float> voice, int rate);

}  // namespace facegraph::analysers
