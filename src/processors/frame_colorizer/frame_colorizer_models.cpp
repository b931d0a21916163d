#include "processors/frame_colorizer/frame_colorizer.hpp"

namespace facegraph::processors {

// spec: portrait-frame-processors.md 8.1
const std::vector<FrameColorizerModel>& frame_colorizer_models(models::ModelSet set) {
  static const std::vector<FrameColorizerModel> embedded{
      {models::embedded_file("embedded_frame_colorizer"), ColorizerType::kDdcolor},
  };
  static const std::vector<FrameColorizerModel> official{
      {{"ddcolor", "models-3.0.0", "Apache-2.0"}, ColorizerType::kDdcolor},
      {{"ddcolor_artistic", "models-3.0.0", "Apache-2.0"}, ColorizerType::kDdcolor},
      {{"deoldify", "models-3.0.0", "MIT"}, ColorizerType::kDeoldify},
      {{"deoldify_artistic", "models-3.0.0", "MIT"}, ColorizerType::kDeoldify},
      {{"deoldify_stable", "models-3.0.0", "MIT"}, ColorizerType::kDeoldify},
  };
  return set == models::ModelSet::kEmbedded ? embedded : official;
}

}  // namespace facegraph::processors
