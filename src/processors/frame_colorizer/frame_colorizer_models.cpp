#include "processors/frame_colorizer/frame_colorizer.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

// spec: portrait-frame-processors.md 8.1
const std::vector<FrameColorizerModel>& frame_colorizer_models(models::ModelSet set) {
  static const std::vector<FrameColorizerModel> embedded;
  static const std::vector<FrameColorizerModel> official{
      {{"ddcolor", "models-3.0.0", "Apache-2.0"}, ColorizerType::kDdcolor},
      {{"ddcolor_artistic", "models-3.0.0", "Apache-2.0"}, ColorizerType::kDdcolor},
      {{"deoldify", "models-3.0.0", "MIT"}, ColorizerType::kDeoldify},
      {{"deoldify_artistic", "models-3.0.0", "MIT"}, ColorizerType::kDeoldify},
      {{"deoldify_stable", "models-3.0.0", "MIT"}, ColorizerType::kDeoldify},
  };
  return set == models::ModelSet::kEmbedded ? embedded : official;
}

const FrameColorizerModel& frame_colorizer_model(const std::string& name) {
  return model_of(frame_colorizer_models(models::ModelSet::kOfficial), "frame_colorizer", name);
}

}  // namespace facegraph::processors
