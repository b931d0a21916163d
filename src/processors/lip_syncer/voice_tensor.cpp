#include "processors/lip_syncer/voice_tensor.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace facegraph::processors {

void to_voice_input(std::span<float> tensor, const core::MelFrame* voice, LipSyncerType type, float weight) {
  static const core::MelFrame silence{};
  static const double quietest = std::exp(-5 * std::numbers::ln10);
  const core::MelFrame& magnitudes = voice == nullptr ? silence : *voice;
  std::transform(magnitudes.begin(), magnitudes.end(), tensor.begin(), [&](double magnitude) {
    const double level = std::log10(std::max(magnitude, quietest)) * 1.6 + 3.2;
    const auto value = static_cast<float>(std::clamp(level, -4.0, 4.0));
    return type == LipSyncerType::kWav2lip ? value * weight * 2 : value;
  });
}

}  // namespace facegraph::processors
