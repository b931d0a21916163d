// Sound to mel spectrograms, and what is heard of them during a frame. spec: analysis.md 13.2, 13.3
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/types/audio.hpp"

namespace facegraph::ops {

inline constexpr int kMelRate = 16000;  // samples per second of the sound
inline constexpr double kMelColumnsPerSecond = 80;

// One channel to amplitudes of at most 1, then with its high frequencies raised. None where the sound is silence.
std::vector<double> emphasised(std::span<const float> mono);

// The weights of one mel band: of the bins first, first + 1, ...
struct MelFilter {
  std::size_t first = 0;
  std::vector<double> weights = {};
};
const std::array<MelFilter, core::kMelBands>& mel_filters();

// Magnitudes, not negative.
struct MelSpectrogram {
  std::size_t columns = 0;
  std::vector<double> values;  // value[band * columns + column]
};
// Of less sound than one window (800 samples): no columns.
MelSpectrogram mel_spectrogram(std::span<const double> signal);

// What is heard during the frame of that number at that rate: the frames' 0.2 seconds begin where they do. None outside
// of the sound. frame_rate: above 0.
std::optional<core::MelFrame> mel_frame(const MelSpectrogram& spectrogram, double frame_rate, std::int64_t number);

}  // namespace facegraph::ops
