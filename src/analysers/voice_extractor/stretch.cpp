#include "analysers/voice_extractor/stretch.hpp"

#include "ops/audio/spectrum.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::size_t kWindow = 7680;
constexpr std::size_t kHop = 1024;
constexpr std::size_t kChunk = (kVoiceColumns - 1) * kHop;  // samples of each channel
constexpr std::size_t kMargin = kWindow / 2;                // of silence before and behind the sound
constexpr double kLoudest = 32767;

const std::vector<double>& window() {
  static const std::vector<double> hann = ops::symmetric_hann(kWindow);
  return hann;
}

}  // namespace

static_assert(kMostStretchSamples < kChunk - 2 * kMargin);

void to_voice_tensor(std::span<float> tensor, std::span<const std::int16_t> sound) {
  for (std::size_t channel = 0; channel < 2; ++channel) {
    std::vector<double> signal(kChunk);
    for (std::size_t n = 0; 2 * n < sound.size(); ++n) {
      signal[kMargin + n] = static_cast<float>(sound[2 * n + channel] / kLoudest);
    }
    const ops::Spectra spectra = ops::spectra_of(signal, window(), kHop);
    float* real = tensor.data() + 2 * channel * kVoiceBins * kVoiceColumns;
    float* imaginary = real + kVoiceBins * kVoiceColumns;
    for (std::size_t bin = 0; bin < kVoiceBins; ++bin) {
      for (std::size_t column = 0; column < kVoiceColumns; ++column) {
        *real++ = static_cast<float>(spectra.at(bin, column).real());
        *imaginary++ = static_cast<float>(spectra.at(bin, column).imag());
      }
    }
  }
}

std::vector<float> from_voice_tensor(std::span<const float> tensor, std::size_t samples) {
  std::vector<float> sound(2 * samples);
  for (std::size_t channel = 0; channel < 2; ++channel) {
    const float* real = tensor.data() + 2 * channel * kVoiceBins * kVoiceColumns;
    const float* imaginary = real + kVoiceBins * kVoiceColumns;
    ops::Spectra spectra{kWindow / 2 + 1, kVoiceColumns, {}};
    spectra.values.resize(spectra.bins * spectra.columns);  // the highest bins stay zero
    for (std::size_t bin = 0; bin < kVoiceBins; ++bin) {
      for (std::size_t column = 0; column < kVoiceColumns; ++column) {
        spectra.at(bin, column) = {*real++, *imaginary++};
      }
    }
    const std::vector<double> signal = ops::signal_of(spectra, window(), kHop);
    for (std::size_t n = 0; n < samples; ++n) {
      sound[2 * n + channel] = static_cast<float>(signal[kMargin + n]);
    }
  }
  return sound;
}

}  // namespace facegraph::analysers
