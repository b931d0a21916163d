#include "ops/audio/mel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/audio/spectrum.hpp"

namespace facegraph::ops {

namespace {

constexpr std::size_t kWindow = 800;
constexpr std::size_t kHop = 200;
constexpr double kLowest = 55;  // hertz
constexpr double kHighest = 7600;
constexpr double kEmphasis = 0.97;

double mel_of(double hertz) {
  return 2595 * std::log10(1 + hertz / 700);
}

double hertz_of(double mel) {
  return 700 * (std::pow(10, mel / 2595) - 1);
}

// The bin where band `edge` begins; the bands are equally wide in mel.
std::size_t first_bin(std::size_t edge) {
  const double lowest = mel_of(kLowest);
  const double step = (mel_of(kHighest) - lowest) / static_cast<double>(core::kMelBands + 1);
  return static_cast<std::size_t>((kWindow + 1) * hertz_of(lowest + static_cast<double>(edge) * step) / kMelRate);
}

std::vector<double> triangle(std::size_t length) {
  std::vector<double> weights(length);
  for (std::size_t k = 0; k < length; ++k) {
    const auto rise = static_cast<double>(std::min(k, length - 1 - k));
    weights[k] = length % 2 == 1 ? 2 * (rise + 1) / static_cast<double>(length + 1)
                                 : (2 * rise + 1) / static_cast<double>(length);
  }
  return weights;
}

}  // namespace

std::vector<double> emphasised(std::span<const float> mono) {
  float loudest = 0;
  for (const float sample : mono) {
    loudest = std::max(loudest, std::abs(sample));
  }
  std::vector<double> signal;
  if (loudest == 0) {
    return signal;
  }
  signal.reserve(mono.size());
  double before = 0;
  for (const float sample : mono) {
    const double now = static_cast<double>(sample) / static_cast<double>(loudest);
    signal.push_back(now - kEmphasis * before);
    before = now;
  }
  return signal;
}

// They do not overlap (quirk Q18): a band ends where the next one begins.
const std::array<MelFilter, core::kMelBands>& mel_filters() {
  static const auto filters = [] {
    std::array<MelFilter, core::kMelBands> all;
    for (std::size_t band = 0; band < all.size(); ++band) {
      all[band] = {first_bin(band), triangle(first_bin(band + 1) - first_bin(band))};
    }
    return all;
  }();
  return filters;
}

MelSpectrogram mel_spectrogram(std::span<const double> signal) {
  MelSpectrogram mel;
  if (signal.size() < kWindow) {
    return mel;
  }
  const std::vector<double> window = periodic_hann(kWindow);
  const double scale = std::accumulate(window.begin(), window.end(), 0.0);
  const Spectra spectra = spectra_of(signal, window, kHop);
  mel.columns = spectra.columns;
  mel.values.resize(core::kMelBands * mel.columns);
  for (std::size_t band = 0; band < core::kMelBands; ++band) {
    const MelFilter& filter = mel_filters()[band];
    for (std::size_t column = 0; column < mel.columns; ++column) {
      double sum = 0;
      for (std::size_t k = 0; k < filter.weights.size(); ++k) {
        sum += filter.weights[k] * std::abs(spectra.at(filter.first + k, column)) / scale;
      }
      mel.values[band * mel.columns + column] = sum;
    }
  }
  return mel;
}

// The reference numbers its frames from the first that has all its columns before it.
std::optional<core::MelFrame> mel_frame(const MelSpectrogram& spectrogram, double frame_rate, std::int64_t number) {
  const double step = kMelColumnsPerSecond / frame_rate;
  const auto end_of = [step](std::int64_t index) {
    return static_cast<std::int64_t>(static_cast<double>(index) * step);
  };
  auto first = static_cast<std::int64_t>(core::kMelColumns / step);
  while (end_of(first) < static_cast<std::int64_t>(core::kMelColumns)) {
    ++first;
  }
  const std::int64_t end = end_of(first + number);
  if (number < 0 || end >= static_cast<std::int64_t>(spectrogram.columns)) {
    return std::nullopt;
  }
  core::MelFrame frame;
  for (std::size_t band = 0; band < core::kMelBands; ++band) {
    const double* row = spectrogram.values.data() + band * spectrogram.columns + end - core::kMelColumns;
    std::copy_n(row, core::kMelColumns, frame.begin() + static_cast<std::ptrdiff_t>(band * core::kMelColumns));
  }
  return frame;
}

}  // namespace facegraph::ops
