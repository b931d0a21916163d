#include "processors/face_enhancer/face_enhancer.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

using core::OptionKind;

const std::vector<core::Option>& face_enhancer_options() {
  static const std::vector<core::Option> table{
      {.name = "face-enhancer-model",
       .section = "processors",
       .help = "model that enhances the face",
       .default_value = std::string("gfpgan_1.4"),
       .dependent_choices =
           [](const core::OptionValues& values) { return names_of(enhancer_models(models::model_set_of(values))); },
       .depends_on = models::kModelSetOption},
      {.name = "face-enhancer-blend",
       .kind = OptionKind::kInteger,
       .section = "processors",
       .help = "how much of the enhanced face is laid over the previous one, in percent",
       .default_value = 80LL,
       .range = core::OptionRange{0, 100, 1}},
      {.name = "face-enhancer-weight",
       .kind = OptionKind::kFloat,
       .section = "processors",
       .help = "for codeformer: 0 restores most, 1 stays closest to the previous face",
       .default_value = 0.5,
       .range = core::OptionRange{0, 1, 0.05}},
  };
  return table;
}

FaceEnhancerOptions FaceEnhancerOptions::from(const core::OptionValues& values) {
  return {.model = model_of(enhancer_models(models::model_set_of(values)), "face_enhancer",
                            model_name(values, "face_enhancer")),
          .blend = static_cast<int>(values.integer("face-enhancer-blend")),
          .weight = values.number("face-enhancer-weight"),
          .masker = edge_masks(values)};
}

}  // namespace facegraph::processors
