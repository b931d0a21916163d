// A frame's voice as the lip syncer's models take it. spec: portrait-frame-processors.md 6.4
#pragma once

#include <span>

#include "core/types/audio.hpp"
#include "processors/lip_syncer/lip_syncer_models.hpp"

namespace facegraph::processors {

// tensor: kMelBands * kMelColumns logarithms of the magnitudes, -4..4; voice: null for silence. weight: 0.5 takes the
// voice as it is for wav2lip; edtalk has an input of its own for it.
void to_voice_input(std::span<float> tensor, const core::MelFrame* voice, LipSyncerType type, float weight);

}  // namespace facegraph::processors
