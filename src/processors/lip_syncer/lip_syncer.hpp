// Moves the lips to the voice in the source's sound. spec: portrait-frame-processors.md section 6.
#pragma once

#include <memory>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "processors/lip_syncer/lip_syncer_models.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct LipSyncerOptions {
  LipSyncerModel model;
  float weight = 0.5F;
  analysers::MaskerOptions masker;  // occlusion as chosen, and what the model's type wants: a box or the lower face

  // Throws Error(kUsage) where the model set has no model.
  static LipSyncerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& lip_syncer_options();
std::unique_ptr<Processor> make_lip_syncer(const core::OptionValues& values);

}  // namespace facegraph::processors
