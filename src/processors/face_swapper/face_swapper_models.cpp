#include "processors/face_swapper/face_swapper_models.hpp"

#include "core/base/error.hpp"

namespace facegraph::processors {

using models::ModelFile;
using ops::WarpTemplate;

namespace {

constexpr std::array<double, 3> kZero{0, 0, 0};
constexpr std::array<double, 3> kOne{1, 1, 1};
constexpr std::array<double, 3> kHalf{0.5, 0.5, 0.5};
constexpr std::array<double, 3> kImagenetMean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> kImagenetDeviation{0.229, 0.224, 0.225};

const ModelFile kCrossfaceGhost{"crossface_ghost", "models-3.4.0", "Apache-2.0"};
const ModelFile kCrossfaceHififace{"crossface_hififace", "models-3.4.0", "Unknown"};
const ModelFile kCrossfaceSimswap{"crossface_simswap", "models-3.4.0", "Non-Commercial"};

SwapperModel ghost(const std::string& name) {
  return {{name, "models-3.0.0", "Apache-2.0"},
          SwapperType::kGhost,
          WarpTemplate::kArcface112V1,
          256,
          kHalf,
          kHalf,
          kCrossfaceGhost};
}

SwapperModel hyperswap(const std::string& name) {
  return {
      {name, "models-3.3.0", "ResearchRAIL"}, SwapperType::kHyperswap, WarpTemplate::kArcface128, 256, kHalf, kHalf};
}

SwapperModel inswapper(const ModelFile& file) {
  return {file, SwapperType::kInswapper, WarpTemplate::kArcface128, 128, kZero, kOne};
}

const std::vector<SwapperModel>& official_models() {
  static const std::vector<SwapperModel> table{
      {{"blendswap_256", "models-3.0.0", "Non-Commercial"},
       SwapperType::kBlendswap,
       WarpTemplate::kFfhq512,
       256,
       kZero,
       kOne},
      ghost("ghost_1_256"),
      ghost("ghost_2_256"),
      ghost("ghost_3_256"),
      {{"hififace_unofficial_256", "models-3.1.0", "Unknown"},
       SwapperType::kHififace,
       WarpTemplate::kMtcnn512,
       256,
       kHalf,
       kHalf,
       kCrossfaceHififace},
      hyperswap("hyperswap_1a_256"),
      hyperswap("hyperswap_1b_256"),
      hyperswap("hyperswap_1c_256"),
      inswapper({"inswapper_128", "models-3.0.0", "Non-Commercial"}),
      inswapper({"inswapper_128_fp16", "models-3.0.0", "Non-Commercial"}),
      {{"simswap_256", "models-3.0.0", "Non-Commercial"},
       SwapperType::kSimswap,
       WarpTemplate::kArcface112V1,
       256,
       kImagenetMean,
       kImagenetDeviation,
       kCrossfaceSimswap},
      {{"simswap_unofficial_512", "models-3.0.0", "Non-Commercial"},
       SwapperType::kSimswap,
       WarpTemplate::kArcface112V1,
       512,
       kZero,
       kOne,
       kCrossfaceSimswap},
      {{"uniface_256", "models-3.0.0", "Unknown"}, SwapperType::kUniface, WarpTemplate::kFfhq512, 256, kHalf, kHalf},
  };
  return table;
}

}  // namespace

const std::vector<SwapperModel>& swapper_models(models::ModelSet set) {
  static const std::vector<SwapperModel> embedded{inswapper(models::embedded_file("embedded_swapper_128"))};
  return set == models::ModelSet::kEmbedded ? embedded : official_models();
}

const SwapperModel& swapper_model(const std::string& name) {
  for (const models::ModelSet set : {models::ModelSet::kOfficial, models::ModelSet::kEmbedded}) {
    for (const SwapperModel& model : swapper_models(set)) {
      if (model.file.name == name) {
        return model;
      }
    }
  }
  core::fail(core::ErrorCode::kUsage, "face_swapper: no model {}", name);
}

std::vector<std::string> pixel_boost_choices(const std::string& model) {
  if (model == "blendswap_256") {
    return {"256x256", "384x384", "512x512", "768x768", "1024x1024"};
  }
  if (model == "simswap_unofficial_512") {
    return {"512x512", "768x768", "1024x1024"};
  }
  if (swapper_model(model).type == SwapperType::kInswapper) {
    return {"128x128", "256x256", "384x384", "512x512", "768x768", "1024x1024"};
  }
  return {"256x256", "512x512", "768x768", "1024x1024"};
}

}  // namespace facegraph::processors
