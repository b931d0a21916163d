#include "processors/face_swapper/face_swapper.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

using core::Option;
using core::OptionKind;

namespace {

std::vector<std::string> model_choices(const core::OptionValues& values) {
  return names_of(swapper_models(models::model_set_of(values)));
}

std::vector<std::string> boost_choices(const core::OptionValues& values) {
  return pixel_boost_choices(values.string("face-swapper-model"));
}

}  // namespace

const std::vector<Option>& face_swapper_options() {
  static const std::vector<Option> table{
      {.name = "face-swapper-model",
       .section = "processors",
       .help = "model that swaps the face",
       .default_value = std::string("hyperswap_1a_256"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      {.name = "face-swapper-pixel-boost",
       .section = "processors",
       .help = "side of the picture that is swapped, in tiles of the model's size",
       .dependent_choices = boost_choices,
       .depends_on = "face-swapper-model"},
      {.name = "face-swapper-weight",
       .kind = OptionKind::kFloat,
       .section = "processors",
       .help = "how much of the source's identity: below 0.5 keeps some of the target's, above pushes away from it",
       .default_value = 0.5,
       .range = core::OptionRange{0, 1, 0.05}},
  };
  return table;
}

}  // namespace facegraph::processors
