#include "processors/background_remover/background_remover_models.hpp"

namespace facegraph::processors {

namespace {

constexpr std::array<double, 3> kZero{0, 0, 0};
constexpr std::array<double, 3> kOne{1, 1, 1};
constexpr std::array<double, 3> kHalf{0.5, 0.5, 0.5};
constexpr std::array<double, 3> kImagenetMean{0.485, 0.456, 0.406};
constexpr std::array<double, 3> kImagenetDeviation{0.229, 0.224, 0.225};

// A model whose input is the plain picture, 0..1.
BackgroundRemoverModel plain(const std::string& name, const std::string& licence) {
  return {{name, "models-3.5.0", licence}, RemoverType::kMatte, {1024, 1024}, kZero, kOne};
}

// One whose input is centred at zero.
BackgroundRemoverModel centred(const std::string& name, const std::string& licence) {
  return {{name, "models-3.5.0", licence}, RemoverType::kMatte, {1024, 1024}, kHalf, kOne};
}

BackgroundRemoverModel imagenet(const models::ModelFile& file, RemoverType type, int side) {
  return {file, type, {side, side}, kImagenetMean, kImagenetDeviation};
}

}  // namespace

const std::vector<BackgroundRemoverModel>& background_remover_models(models::ModelSet set) {
  static const std::vector<BackgroundRemoverModel> embedded{
      {models::embedded_file("embedded_background_remover"), RemoverType::kMatte, {512, 512}, kHalf, kHalf},
  };
  static const std::vector<BackgroundRemoverModel> official{
      plain("ben_2", "MIT"),
      plain("birefnet_general", "MIT"),
      plain("birefnet_portrait", "MIT"),
      imagenet({"corridor_key_1024", "models-3.6.0", "Non-Commercial"}, RemoverType::kKeyer, 1024),
      imagenet({"corridor_key_2048", "models-3.6.0", "Non-Commercial"}, RemoverType::kKeyer, 2048),
      centred("isnet_general", "Apache-2.0"),
      {{"modnet", "models-3.5.0", "Apache-2.0"}, RemoverType::kMatte, {512, 512}, kHalf, kHalf},
      plain("ormbg", "Apache-2.0"),
      centred("rmbg_1.4", "Non-Commercial"),
      imagenet({"rmbg_2.0", "models-3.5.0", "Non-Commercial"}, RemoverType::kMatte, 1024),
      imagenet({"silueta", "models-3.5.0", "Apache-2.0"}, RemoverType::kMatte, 320),
      imagenet({"u2net_cloth", "models-3.5.0", "MIT"}, RemoverType::kClasses, 768),
      imagenet({"u2net_general", "models-3.5.0", "Apache-2.0"}, RemoverType::kMatte, 320),
      imagenet({"u2net_human", "models-3.5.0", "Apache-2.0"}, RemoverType::kMatte, 320),
      imagenet({"u2netp", "models-3.5.0", "Apache-2.0"}, RemoverType::kMatte, 320),
  };
  return set == models::ModelSet::kEmbedded ? embedded : official;
}

}  // namespace facegraph::processors
