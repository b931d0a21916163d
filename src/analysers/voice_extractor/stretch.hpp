// A stretch of sound as the voice models take and give it. spec: analysis.md 13.4
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facegraph::analysers {

inline constexpr std::size_t kVoiceBins = 3072;
inline constexpr std::size_t kVoiceColumns = 256;
inline constexpr std::size_t kMostStretchSamples = 253439;  // of each channel

// tensor: [left re, left im, right re, right im][bin][column]. sound: left and right in turn.
void to_voice_tensor(std::span<float> tensor, std::span<const std::int16_t> sound);
// The first `samples` of each channel, left and right in turn.
std::vector<float> from_voice_tensor(std::span<const float> tensor, std::size_t samples);

}  // namespace facegraph::analysers
