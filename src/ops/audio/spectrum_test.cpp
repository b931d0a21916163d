#include "ops/audio/spectrum.hpp"

#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

#include "ops/audio/mel.hpp"

namespace facegraph::ops {
namespace {

std::vector<double> noise(std::size_t samples) {
  std::mt19937 generator(3);
  std::vector<double> signal(samples);
  for (double& sample : signal) {
    sample = std::uniform_real_distribution<>(-1, 1)(generator);
  }
  return signal;
}

TEST(Hann, RisesAndFalls) {
  const auto expect = [](const std::vector<double>& window, const std::vector<double>& values) {
    ASSERT_EQ(window.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(window[i], values[i], 1e-15);
    }
  };
  expect(symmetric_hann(5), {0, 0.5, 1, 0.5, 0});
  expect(periodic_hann(4), {0, 0.5, 1, 0.5});
}

// The sum over the window, written out, for one column in the middle and those at the ends.
TEST(Spectra, AreFourierSumsOfWindows) {
  constexpr std::size_t kLength = 60;
  const std::vector<double> signal = noise(100);
  const std::vector<double> window = periodic_hann(kLength);
  const Spectra spectra = spectra_of(signal, window, 25);
  ASSERT_EQ(spectra.bins, 31U);
  ASSERT_EQ(spectra.columns, 5U);
  for (std::size_t column = 0; column < spectra.columns; ++column) {
    for (const std::size_t bin : {0U, 1U, 7U, 30U}) {
      std::complex<double> sum;
      for (std::size_t n = 0; n < kLength; ++n) {
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(25 * column + n) - 30;
        if (at >= 0 && at < 100) {
          sum += window[n] * signal[static_cast<std::size_t>(at)] *
                 std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(bin * n) / kLength);
        }
      }
      EXPECT_NEAR(std::abs(spectra.at(bin, column) - sum), 0, 1e-12);
    }
  }
}

TEST(Spectra, GiveTheSignalBack) {
  const std::vector<double> signal = noise(1024);
  const std::vector<double> window = symmetric_hann(256);
  const std::vector<double> back = signal_of(spectra_of(signal, window, 64), window, 64);
  ASSERT_EQ(back.size(), signal.size());
  for (std::size_t n = 0; n < signal.size(); ++n) {
    EXPECT_NEAR(back[n], signal[n], 1e-12);
  }
}

// At any length: that of a fast transform, an odd one, a prime.
TEST(LowerRate, KeepsLowTonesAndDropsHighOnes) {
  for (const std::size_t samples : {48000U, 48001U, 47981U}) {
    std::vector<float> low(samples);
    std::vector<float> high(samples);
    for (std::size_t n = 0; n < samples; ++n) {
      // Fading in and out: nothing jumps where the sound begins and ends.
      const double fade =
          std::pow(std::sin(std::numbers::pi * static_cast<double>(n) / static_cast<double>(samples)), 2);
      const double turns = 2 * std::numbers::pi * static_cast<double>(n) / 48000;
      low[n] = static_cast<float>(fade * std::sin(440 * turns));
      high[n] = static_cast<float>(fade * std::sin(9000 * turns));
    }
    const std::vector<float> kept = lower_rate(low, 48000, 16000);
    const std::vector<float> dropped = lower_rate(high, 48000, 16000);
    ASSERT_EQ(kept.size(), static_cast<std::size_t>(std::llround(static_cast<double>(samples) / 3)));
    for (std::size_t n = 0; n < kept.size(); ++n) {
      ASSERT_NEAR(kept[n], low[std::min(3 * n, samples - 1)], 1e-4) << n << " of " << samples;
      ASSERT_NEAR(dropped[n], 0, 1e-4);
    }
  }
  EXPECT_TRUE(lower_rate({}, 48000, 16000).empty());
  EXPECT_EQ(lower_rate(std::vector<float>(1, 1.0F), 48000, 16000).size(), 0U);
}

// spec: analysis.md B.9
TEST(Emphasised, MeetsTheVectorOfTheSpec) {
  const std::vector<double> signal = emphasised(std::vector<float>{150, 100, -200});
  ASSERT_EQ(signal.size(), 3U);
  EXPECT_NEAR(signal[0], 0.75, 1e-12);
  EXPECT_NEAR(signal[1], -0.2275, 1e-12);
  EXPECT_NEAR(signal[2], -1.485, 1e-12);
  EXPECT_TRUE(emphasised(std::vector<float>(100)).empty()) << "silence";
}

TEST(MelSpectrogram, ShowsAToneInItsBand) {
  std::vector<double> tone(16000);
  for (std::size_t n = 0; n < tone.size(); ++n) {
    tone[n] = std::sin(2 * std::numbers::pi * 440 * static_cast<double>(n) / 16000);
  }
  const MelSpectrogram mel = mel_spectrogram(tone);
  ASSERT_EQ(mel.columns, 81U);
  for (std::size_t band = 0; band < core::kMelBands; ++band) {
    EXPECT_NEAR(mel.values[band * mel.columns + 40], band == 14 ? 0.5 : 0, band == 14 ? 1e-3 : 0.26) << band;
  }
  EXPECT_EQ(mel_spectrogram(std::vector<double>(799)).columns, 0U);
}

// spec: analysis.md B.9: frames of a spectrogram of 801 columns; the reference's 16-bit column numbers overflow after
// 32767 columns, ours do not.
TEST(MelFrame, CountsAndPlacesAsTheSpecSays) {
  MelSpectrogram mel{801, std::vector<double>(core::kMelBands * 801)};
  for (std::size_t column = 0; column < mel.columns; ++column) {
    mel.values[column] = static_cast<double>(column);  // band 0 tells the column
  }
  const auto last_columns = [&](double rate) {
    std::vector<int> columns;
    while (const auto frame = mel_frame(mel, rate, static_cast<std::int64_t>(columns.size()))) {
      columns.push_back(static_cast<int>((*frame)[core::kMelColumns - 1]) + 1);
    }
    return columns;
  };
  const auto first = [&](double rate) {
    auto columns = last_columns(rate);
    columns.resize(6);
    return columns;
  };
  EXPECT_EQ(first(24), (std::vector<int>{16, 20, 23, 26, 30, 33}));
  EXPECT_EQ(first(25), (std::vector<int>{16, 19, 22, 25, 28, 32}));
  EXPECT_EQ(first(29.97), (std::vector<int>{16, 18, 21, 24, 26, 29}));
  EXPECT_EQ(first(50), (std::vector<int>{16, 17, 19, 20, 22, 24}));
  EXPECT_EQ(first(60), (std::vector<int>{16, 17, 18, 20, 21, 22}));
  for (const auto& [rate, count] :
       {std::pair{24.0, 236U}, {25.0, 246U}, {29.97, 295U}, {30.0, 295U}, {50.0, 491U}, {60.0, 589U}}) {
    EXPECT_EQ(last_columns(rate).size(), count) << rate;
    EXPECT_EQ(last_columns(rate).back(), 800) << rate;
  }
  EXPECT_FALSE(mel_frame(mel, 25, -1));
  const MelSpectrogram hour{288001, std::vector<double>(core::kMelBands * 288001)};
  EXPECT_TRUE(mel_frame(hour, 25, 3599 * 25));
}

}  // namespace
}  // namespace facegraph::ops
