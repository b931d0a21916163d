#include "processors/frame_enhancer/frame_enhancer_models.hpp"

namespace facegraph::processors {

namespace {

constexpr ops::TileShape kTile64{64, 4, 2};
constexpr ops::TileShape kTile128{128, 8, 4};
constexpr ops::TileShape kTile256{256, 16, 8};
constexpr ops::TileShape kTile1024{1024, 64, 32};

}  // namespace

const std::vector<FrameEnhancerModel>& frame_enhancer_models(models::ModelSet set) {
  static const std::vector<FrameEnhancerModel> embedded{
      {models::embedded_file("embedded_frame_enhancer"), kTile256, 2},
  };
  static const std::vector<FrameEnhancerModel> official{
      {{"clear_reality_x4", "models-3.0.0", "Non-Commercial"}, kTile128, 4},
      {{"face_dat_x4", "models-3.5.0", "CC-BY-4.0"}, kTile128, 4},
      {{"nomos8k_sc_x4", "models-3.0.0", "CC-BY-4.0"}, kTile128, 4},
      {{"real_esrgan_x2", "models-3.0.0", "BSD-3-Clause"}, kTile256, 2},
      {{"real_esrgan_x2_fp16", "models-3.0.0", "BSD-3-Clause"}, kTile256, 2},
      {{"real_esrgan_x4", "models-3.0.0", "BSD-3-Clause"}, kTile256, 4},
      {{"real_esrgan_x4_fp16", "models-3.0.0", "BSD-3-Clause"}, kTile256, 4},
      {{"real_esrgan_x8", "models-3.0.0", "BSD-3-Clause"}, kTile256, 8},
      {{"real_esrgan_x8_fp16", "models-3.0.0", "BSD-3-Clause"}, kTile256, 8},
      {{"real_hatgan_x4", "models-3.0.0", "Apache-2.0"}, kTile256, 4},
      {{"real_web_photo_x4", "models-3.1.0", "CC-BY-4.0"}, kTile64, 4},
      {{"realistic_rescaler_x4", "models-3.1.0", "WTFPL"}, kTile128, 4},
      {{"remacri_x4", "models-3.1.0", "Non-Commercial"}, kTile128, 4},
      {{"siax_x4", "models-3.1.0", "WTFPL"}, kTile128, 4},
      {{"span_kendata_x4", "models-3.0.0", "Non-Commercial"}, kTile128, 4},
      {{"swin2_sr_x4", "models-3.1.0", "Apache-2.0"}, kTile128, 4},
      {{"tghq_face_x8", "models-3.5.0", "GPL-3.0"}, kTile128, 8},
      {{"ultra_sharp_x4", "models-3.0.0", "Non-Commercial"}, kTile128, 4},
      {{"ultra_sharp_2_x4", "models-3.3.0", "Non-Commercial"}, kTile1024, 4},
  };
  return set == models::ModelSet::kEmbedded ? embedded : official;
}

}  // namespace facegraph::processors
