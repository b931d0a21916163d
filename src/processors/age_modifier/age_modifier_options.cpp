#include "processors/age_modifier/age_modifier.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

using core::OptionKind;

const std::vector<core::Option>& age_modifier_options() {
  static const std::vector<core::Option> table{
      {.name = "age-modifier-model",
       .section = "processors",
       .help = "model that changes the face's age",
       .default_value = std::string("fran"),
       .dependent_choices =
           [](const core::OptionValues& values) { return names_of(age_models(models::model_set_of(values))); },
       .depends_on = models::kModelSetOption},
      {.name = "age-modifier-direction",
       .kind = OptionKind::kInteger,
       .section = "processors",
       .help = "below 0 makes the face younger, above 0 older; for fran in years",
       .default_value = 0LL,
       .range = core::OptionRange{-100, 100, 1}},
  };
  return table;
}

AgeModifierOptions AgeModifierOptions::from(const core::OptionValues& values) {
  return {
      .model = model_of(age_models(models::model_set_of(values)), "age_modifier", model_name(values, "age_modifier")),
      .direction = static_cast<int>(values.integer("age-modifier-direction")),
      .masker = edge_masks(values)};
}

}  // namespace facegraph::processors
