#include "processors/lip_syncer/lip_syncer_models.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace facegraph::processors {

const std::vector<LipSyncerModel>& lip_syncer_models() {
  static const std::vector<LipSyncerModel> table{
      {{"edtalk_256", "models-3.3.0", "Apache-2.0"}, LipSyncerType::kEdtalk, 256},
      {{"wav2lip_96", "models-3.0.0", "Non-Commercial"}, LipSyncerType::kWav2lip, 96},
      {{"wav2lip_gan_96", "models-3.0.0", "Non-Commercial"}, LipSyncerType::kWav2lip, 96},
  };
  return table;
}

const LipSyncerModel& lip_syncer_model(const std::string& name) {
  const auto& models = lip_syncer_models();
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const LipSyncerModel& model) { return model.file.name == name; });
  if (found == models.end()) {
    core::fail(core::ErrorCode::kUsage, "lip_syncer: no model {}", name);
  }
  return *found;
}

}  // namespace facegraph::processors
