// The lip syncer's models. spec: portrait-frame-processors.md 6.1
#pragma once

#include <string>
#include <vector>

#include "models/catalogue/model_file.hpp"

namespace facegraph::processors {

// edtalk paints the whole face anew; wav2lip fills in the lower half of the box around the face's points.
enum class LipSyncerType { kEdtalk, kWav2lip };

struct LipSyncerModel {
  models::ModelFile file;
  LipSyncerType type = LipSyncerType::kWav2lip;
  int size = 0;  // side of the picture
};

const std::vector<LipSyncerModel>& lip_syncer_models();
// Throws Error(kUsage) for another name.
const LipSyncerModel& lip_syncer_model(const std::string& name);

}  // namespace facegraph::processors
