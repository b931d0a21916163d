// Sound as the models take it.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace facegraph::core {

// Mel bands and the columns (80 per second) that a model hears at once.
inline constexpr std::size_t kMelBands = 80;
inline constexpr std::size_t kMelColumns = 16;

// Magnitudes of a mel spectrogram, not negative, band by band: value[band * kMelColumns + column]. All zeros is
// silence.
using MelFrame = std::array<double, kMelBands * kMelColumns>;

}  // namespace facegraph::core
