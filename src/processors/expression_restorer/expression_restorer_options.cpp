#include <algorithm>

#include "processors/expression_restorer/expression_restorer.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/live_portrait.hpp"
#include "processors/shared/model_name.hpp"

namespace facegraph::processors {

using core::OptionKind;

namespace {

const std::string kUpperFace = "upper-face";
const std::string kLowerFace = "lower-face";

}  // namespace

const std::vector<core::Option>& expression_restorer_options() {
  static const std::vector<core::Option> table{
      {.name = "expression-restorer-model",
       .section = "processors",
       .help = "models that restore the expression",
       .dependent_choices = portrait_model_names,
       .depends_on = models::kModelSetOption},
      {.name = "expression-restorer-factor",
       .kind = OptionKind::kInteger,
       .section = "processors",
       .help = "how much of the target's expression; from 84 on more than all of it",
       .default_value = 80LL,
       .range = core::OptionRange{0, 100, 1}},
      {.name = "expression-restorer-areas",
       .kind = OptionKind::kStringList,
       .section = "processors",
       .help = "parts of the face whose expression is restored",
       .default_value = std::vector<std::string>{kUpperFace, kLowerFace},
       .choices = {kUpperFace, kLowerFace}},
  };
  return table;
}

ExpressionRestorerOptions ExpressionRestorerOptions::from(const core::OptionValues& values) {
  model_name(values, "expression_restorer");  // there is one, or none
  ExpressionRestorerOptions options;
  options.factor = static_cast<double>(values.integer("expression-restorer-factor"));
  const std::vector<std::string>& areas = values.strings("expression-restorer-areas");
  const auto chosen = [&](const std::string& area) {
    return std::find(areas.begin(), areas.end(), area) != areas.end();
  };
  options.areas = {.upper_face = chosen(kUpperFace), .lower_face = chosen(kLowerFace)};
  options.masker = edge_masks(values);
  return options;
}

}  // namespace facegraph::processors
