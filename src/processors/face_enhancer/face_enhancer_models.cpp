#include "processors/face_enhancer/face_enhancer.hpp"

namespace facegraph::processors {

using ops::WarpTemplate;

namespace {

models::ModelFile file(const char* name, const char* licence) {
  return {name, "models-3.0.0", licence};
}

}  // namespace

const std::vector<EnhancerModel>& enhancer_models(models::ModelSet set) {
  static const std::vector<EnhancerModel> official{
      {file("codeformer", "S-Lab-1.0"), WarpTemplate::kFfhq512, 512},
      {file("gfpgan_1.2", "Apache-2.0"), WarpTemplate::kFfhq512, 512},
      {file("gfpgan_1.3", "Apache-2.0"), WarpTemplate::kFfhq512, 512},
      {file("gfpgan_1.4", "Apache-2.0"), WarpTemplate::kFfhq512, 512},
      {file("gpen_bfr_256", "Non-Commercial"), WarpTemplate::kArcface128, 256},
      {file("gpen_bfr_512", "Non-Commercial"), WarpTemplate::kFfhq512, 512},
      {file("gpen_bfr_1024", "Non-Commercial"), WarpTemplate::kFfhq512, 1024},
      {file("gpen_bfr_2048", "Non-Commercial"), WarpTemplate::kFfhq512, 2048},
      {file("restoreformer_plus_plus", "Apache-2.0"), WarpTemplate::kFfhq512, 512},
  };
  static const std::vector<EnhancerModel> embedded{
      {models::embedded_file("embedded_face_enhancer"), WarpTemplate::kFfhq512, 512},
  };
  return set == models::ModelSet::kEmbedded ? embedded : official;
}

}  // namespace facegraph::processors
