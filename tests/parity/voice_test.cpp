// The reference's results on sound: decoding, spectra, what is heard during a frame, the voice that a model takes out.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "analysers/voice_extractor/stretch.hpp"
#include "analysers/voice_extractor/voice_extractor.hpp"
#include "media/audio/sound_file.hpp"
#include "ops/audio/mel.hpp"
#include "ops/audio/spectrum.hpp"
#include "processors/lip_syncer/voice_tensor.hpp"
#include "support/difference.hpp"
#include "support/npz.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

std::vector<float> mono_of(std::span<const std::int16_t> sound) {
  std::vector<float> mono;
  for (std::size_t i = 0; i < sound.size(); i += 2) {
    mono.push_back(static_cast<float>(sound[i] + sound[i + 1]) / 2);
  }
  return mono;
}

// The golden's own samples at their own rate: what the reference calls the audio.
ops::MelSpectrogram golden_mel(const Npz& golden) {
  return ops::mel_spectrogram(ops::emphasised(mono_of(golden["in_decoded"].as<std::int16_t>())));
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) {
    most = std::max(most, std::abs(value));
  }
  return most;
}

TEST(Sound, IsDecodedAsTheReferenceDoes) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "audio.npz");
  const auto expected = golden["in_decoded"].as<std::int16_t>();
  const std::vector<std::int16_t> found = media::read_sound(shared / "golden" / "photos" / "voice.wav");
  EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
}

TEST(Sound, IsEmphasisedAndBanded) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "audio.npz");
  std::vector<double> head = ops::emphasised(mono_of(golden["in_decoded"].as<std::int16_t>()));
  head.resize(golden["out_prepared_head"].size());
  EXPECT_LE(difference(head, golden["out_prepared_head"].doubles()).max, 1e-9);

  constexpr std::size_t kBins = 401;
  std::vector<double> bank(core::kMelBands * kBins);
  for (std::size_t band = 0; band < core::kMelBands; ++band) {
    const ops::MelFilter& filter = ops::mel_filters()[band];
    std::copy(filter.weights.begin(), filter.weights.end(),
              bank.begin() + static_cast<std::ptrdiff_t>(band * kBins + filter.first));
  }
  EXPECT_LE(difference(bank, golden["out_bank"].doubles()).max, 1e-12);

  const ops::MelSpectrogram mel = golden_mel(golden);
  EXPECT_EQ(mel.columns, static_cast<std::size_t>(golden["out_spectrogram"].shape[1]));
  EXPECT_LE(difference(mel.values, golden["out_spectrogram"].doubles()).max, 1e-9);
}

TEST(Sound, IsCutIntoTheWindowsOfFrames) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "audio.npz");
  const ops::MelSpectrogram mel = golden_mel(golden);
  for (const std::string rate : {"12.5", "25", "29.97", "30", "60"}) {
    std::vector<double> sums;
    while (const auto frame = ops::mel_frame(mel, std::stod(rate), static_cast<std::int64_t>(sums.size()))) {
      double sum = 0;
      for (const double value : *frame) {
        sum += value;
      }
      sums.push_back(sum);
    }
    EXPECT_EQ(sums.size(), golden["out_count_" + rate].scalar()) << rate;
    EXPECT_LE(difference(sums, golden["out_sums_" + rate].doubles()).max, 1e-9) << rate;
  }
  const auto third = ops::mel_frame(mel, 25, 3);
  ASSERT_TRUE(third);
  EXPECT_LE(difference(*third, golden["out_frame3_25"].doubles()).max, 1e-9);
}

TEST(Sound, BecomesTheLipSyncersInput) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz golden(shared / "golden" / "numeric" / "audio.npz");
  const auto third = ops::mel_frame(golden_mel(golden), 25, 3);
  ASSERT_TRUE(third);
  const core::MelFrame* voice = &*third;
  int compared = 0;
  for (const auto& [name, array] : golden.arrays()) {
    if (!name.starts_with("out_lip_")) {
      continue;
    }
    const bool empty = name.starts_with("out_lip_empty_");
    const std::size_t at = name.rfind('_');
    const std::size_t begin = empty ? 14 : 8;
    const auto& model = processors::lip_syncer_model(name.substr(begin, at - begin));
    std::vector<float> tensor(core::kMelBands * core::kMelColumns);
    processors::to_voice_input(tensor, empty ? nullptr : voice, model.type, std::stof(name.substr(at + 1)));
    EXPECT_LE(difference(std::vector<double>(tensor.begin(), tensor.end()), array.doubles()).max, 1e-6) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

TEST(Voice, TensorHoldsTheSpectra) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz sound(shared / "golden" / "numeric" / "audio.npz");
  const Npz golden(shared / "golden" / "numeric" / "voice.npz");
  std::vector<float> tensor(4 * analysers::kVoiceBins * analysers::kVoiceColumns);
  analysers::to_voice_tensor(tensor, sound["in_decoded"].as<std::int16_t>());
  std::vector<double> sampled;  // every 37th bin, every 5th column
  for (std::size_t part = 0; part < 4; ++part) {
    for (std::size_t bin = 0; bin < analysers::kVoiceBins; bin += 37) {
      for (std::size_t column = 0; column < analysers::kVoiceColumns; column += 5) {
        sampled.push_back(tensor[(part * analysers::kVoiceBins + bin) * analysers::kVoiceColumns + column]);
      }
    }
  }
  const std::vector<double> expected = golden["out_stft@37@5"].doubles();
  EXPECT_LE(difference(sampled, expected).max, 1e-4 * largest(expected));
}

TEST(Voice, IsTakenOutAndHeard) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Npz sound(shared / "golden" / "numeric" / "audio.npz");
  const Npz golden(shared / "golden" / "numeric" / "voice.npz");
  runtime::InferencePool pool{{}};
  const models::Store store(shared / "contract" / "models");
  analysers::VoiceExtractor extractor({pool, store, 0}, {"kim_vocal_2"});
  const std::vector<float> voice = extractor.extract(sound["in_decoded"].as<std::int16_t>());
  std::vector<double> sampled;  // every 7th sample of both channels
  for (std::size_t i = 0; i < voice.size(); i += 14) {
    sampled.insert(sampled.end(), {voice[i], voice[i + 1]});
  }
  const std::vector<double> expected = golden["out_voice@7"].doubles();
  EXPECT_LE(difference(sampled, expected).max, 1e-4 * largest(expected));

  const ops::MelSpectrogram mel = analysers::mel_of_voice(voice, media::kSoundRate);
  const std::vector<double> expected_mel = golden["out_spectrogram"].doubles();
  EXPECT_LE(difference(mel.values, expected_mel).max, 1e-4 * largest(expected_mel));
}

}  // namespace
}  // namespace facegraph::test
