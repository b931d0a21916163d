#include "processors/age_modifier/age_modifier.hpp"

namespace facegraph::processors {

const std::vector<AgeModel>& age_models(models::ModelSet set) {
  static const std::vector<AgeModel> official{
      {{"fran", "models-3.6.0", "MIT"}, AgeFamily::kFran, 1024, 0, 0, 1},
      {{"styleganex_age", "models-3.1.0", "S-Lab-1.0"}, AgeFamily::kStyleganex, 256, 384, 0.5, 0.5},
  };
  static const std::vector<AgeModel> embedded;
  return set == models::ModelSet::kEmbedded ? embedded : official;
}

}  // namespace facegraph::processors
