#include "analysers/voice_extractor/voice_extractor.hpp"

#include <cmath>
#include <span>

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"
#include "analysers/voice_extractor/stretch.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::analysers {
namespace {

constexpr std::size_t kStep = 180 * 1024;
constexpr std::size_t kLength = 240 * 1024;
const std::vector<std::int64_t> kShape{1, 4, kVoiceBins, kVoiceColumns};

// Two low tones, the right one of half the loudness: the networks' bins hold all of them.
std::vector<std::int16_t> tones(std::size_t samples) {
  std::vector<std::int16_t> sound;
  for (std::size_t n = 0; n < samples; ++n) {
    const auto time = static_cast<double>(n) / 48000;
    sound.push_back(static_cast<std::int16_t>(20000 * std::sin(6.2832 * 220 * time)));
    sound.push_back(static_cast<std::int16_t>(10000 * std::sin(6.2832 * (330 + 40 * time) * time)));
  }
  return sound;
}

double mean_difference(std::span<const float> voice, std::span<const std::int16_t> sound) {
  double sum = 0;
  for (std::size_t i = 0; i < voice.size(); ++i) {
    sum += std::abs(voice[i] - sound[i] / 32767.0);
  }
  return sum / static_cast<double>(voice.size());
}

// A network that changes nothing gives the sound back, however long it is, but for the highest bins, which it does not
// see: they hold something only where a stretch begins or ends.
TEST(VoiceExtractor, GivesBackWhatTheNetworkLeaves) {
  const test::Models models;
  facegraph::test::OnnxModel same{.inputs = {{"input", {kShape.begin(), kShape.end()}}},
                                  .outputs = {{"output", {kShape.begin(), kShape.end()}}},
                                  .nodes = {{"Identity", {"input"}, {"output"}}}};
  same.write(models.scratch / "kim_vocal_1.onnx");
  VoiceExtractor extractor(models.context, {"kim_vocal_1"});
  for (const std::size_t samples : {std::size_t{1}, std::size_t{9999}, kLength - 1, kStep + 1, kStep + kLength + 5}) {
    const std::vector<std::int16_t> sound = tones(samples);
    const std::vector<float> voice = extractor.extract(sound);
    ASSERT_EQ(voice.size(), sound.size());
    EXPECT_LE(mean_difference(voice, sound), 2e-4) << samples << " samples";
  }
  EXPECT_TRUE(extractor.extract({}).empty());
}

// A network that gives the same for every stretch shows where stretches begin and how they meet.
TEST(VoiceExtractor, AveragesStretchesWhereTheyOverlap) {
  std::vector<float> tensor(4 * kVoiceBins * kVoiceColumns);
  to_voice_tensor(tensor, tones(kLength));
  const std::vector<float> stretch = from_voice_tensor(tensor, kLength);
  const test::Models models;
  models.add("kim_vocal_2", kShape, {test::constant("output", kShape, tensor)});
  const std::vector<float> voice =
      VoiceExtractor(models.context, {"kim_vocal_2"}).extract(std::vector<std::int16_t>(2 * (2 * kStep + 1000)));
  for (std::size_t n = 0; n < voice.size() / 2; n += 997) {
    const std::size_t place = n % kStep;
    const bool again = n >= kStep && place + kStep < kLength;  // within the stretch before, too
    const float left = again ? (stretch[2 * place] + stretch[2 * (place + kStep)]) / 2 : stretch[2 * place];
    ASSERT_NEAR(voice[2 * n], left, 1e-6) << n;
  }
}

TEST(VoiceExtractor, SilenceHasNoMel) {
  EXPECT_EQ(mel_of_voice(std::vector<float>(96000), 48000).columns, 0U);
  EXPECT_EQ(mel_of_voice({}, 48000).columns, 0U);
  EXPECT_EQ(mel_of_voice(std::vector<float>(96000, 0.5F), 48000).columns, 81U);
}

TEST(VoiceExtractor, RefusesAModelOfAnotherShape) {
  const test::Models models;
  models.add("uvr_mdxnet", {1, 4, 2048, 256}, {test::constant("output", {1}, {0})});
  facegraph::test::expect_names(
      facegraph::test::message_of(core::ErrorCode::kFailed, [&] { VoiceExtractor(models.context, {"uvr_mdxnet"}); }),
      {"uvr_mdxnet", "3072"});
}

TEST(VoiceExtractorOptions, FollowTheModelSet) {
  const auto chosen = [](const std::map<std::string, std::vector<std::string>>& given) {
    return VoiceExtractorOptions::from(
        facegraph::test::values_of({models::model_set_options(), voice_extractor_options()}, given));
  };
  EXPECT_EQ(chosen({}).model, "kim_vocal_2");
  EXPECT_EQ(chosen({{"voice-extractor-model", {"uvr_mdxnet"}}}).model, "uvr_mdxnet");
  EXPECT_EQ(voice_extractor_models(chosen({})).at(0).name, "kim_vocal_2");
  EXPECT_TRUE(voice_extractor_models(chosen({{models::kModelSetOption, {"embedded"}}})).empty());
}

}  // namespace
}  // namespace facegraph::analysers
