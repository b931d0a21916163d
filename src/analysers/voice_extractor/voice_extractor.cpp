#include "analysers/voice_extractor/voice_extractor.hpp"

#include <algorithm>

#include "analysers/voice_extractor/stretch.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/audio/spectrum.hpp"

namespace facegraph::analysers {

namespace {

// Stretches overlap, and each is averaged with its neighbour there. In samples of each channel.
constexpr std::size_t kStretch = 240 * 1024;
constexpr std::size_t kStep = 180 * 1024;
static_assert(kStretch <= kMostStretchSamples && kStretch <= 2 * kStep);

const std::vector<models::ModelFile>& files() {
  static const std::vector<models::ModelFile> table{{"kim_vocal_1", "models-3.4.0", "Non-Commercial"},
                                                    {"kim_vocal_2", "models-3.0.0", "Non-Commercial"},
                                                    {"uvr_mdxnet", "models-3.4.0", "MIT"}};
  return table;
}

std::vector<std::string> model_choices(const core::OptionValues& values) {
  std::vector<std::string> names;
  if (!models::is_embedded(values)) {
    for (const models::ModelFile& file : files()) {
      names.push_back(file.name);
    }
  }
  return names;
}

}  // namespace

const std::vector<core::Option>& voice_extractor_options() {
  static const std::vector<core::Option> table{
      {.name = "voice-extractor-model",
       .section = "voice_extractor",
       .help = "model that takes the voice out of the source's sound",
       .default_value = std::string("kim_vocal_2"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
  };
  return table;
}

VoiceExtractorOptions VoiceExtractorOptions::from(const core::OptionValues& values) {
  return {values.is_set("voice-extractor-model") ? values.string("voice-extractor-model") : ""};
}

std::vector<models::ModelFile> voice_extractor_models(const VoiceExtractorOptions& options) {
  std::vector<models::ModelFile> chosen;
  std::copy_if(files().begin(), files().end(), std::back_inserter(chosen),
               [&](const models::ModelFile& file) { return file.name == options.model; });
  return chosen;
}

std::int64_t voice_stretches(std::size_t samples) {
  return static_cast<std::int64_t>((samples + kStep - 1) / kStep);
}

VoiceExtractor::VoiceExtractor(const Context& context, const VoiceExtractorOptions& options)
    : session_(context.open_deciding("voice_extractor", voice_extractor_models(options).at(0),
                                     {{"input", {1, 4, kVoiceBins, kVoiceColumns}}})) {
  session_.expect_output(0, {1, 4, kVoiceBins, kVoiceColumns});
}

std::vector<float> VoiceExtractor::extract(std::span<const std::int16_t> sound,
                                           const std::function<void()>& on_stretch) {
  const std::size_t samples = sound.size() / 2;
  std::vector<float> voice(2 * samples);
  for (std::size_t start = 0; start < samples; start += kStep) {
    on_stretch();
    const std::size_t length = std::min(kStretch, samples - start);
    to_voice_tensor(session_.input("input").as<float>(), sound.subspan(2 * start, 2 * length));
    session_.run();
    const std::vector<float> stretch = from_voice_tensor(session_.output(0).as<const float>(), length);
    const std::size_t overlap = start == 0 ? 0 : std::min(kStretch - kStep, length);
    for (std::size_t i = 0; i < stretch.size(); ++i) {
      float& sample = voice[2 * start + i];
      sample = i < 2 * overlap ? (sample + stretch[i]) / 2 : stretch[i];
    }
  }
  return voice;
}

ops::MelSpectrogram mel_of_voice(std::span<const float> voice, int rate) {
  std::vector<float> mono(voice.size() / 2);
  for (std::size_t i = 0; i < mono.size(); ++i) {
    mono[i] = (voice[2 * i] + voice[2 * i + 1]) / 2;
  }
  return ops::mel_spectrogram(ops::emphasised(ops::lower_rate(mono, rate, ops::kMelRate)));
}

}  // namespace facegraph::analysers
