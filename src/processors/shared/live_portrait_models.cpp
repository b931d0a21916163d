#include <array>

#include "processors/shared/live_portrait.hpp"

namespace facegraph::processors {

namespace {

models::ModelFile part(const char* name) {
  return {std::string("live_portrait_") + name, "models-3.0.0", "MIT"};
}

}  // namespace

std::vector<std::string> portrait_model_names(const core::OptionValues& values) {
  return models::is_embedded(values) ? std::vector<std::string>{} : std::vector<std::string>{"live_portrait"};
}

const models::ModelFile& portrait_file(PortraitPart wanted) {
  static const std::array files{part("feature_extractor"), part("motion_extractor"), part("eye_retargeter"),
                                part("lip_retargeter"),    part("stitcher"),         part("generator")};
  return files[static_cast<std::size_t>(wanted)];
}

}  // namespace facegraph::processors
