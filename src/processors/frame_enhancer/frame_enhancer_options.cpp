#include "processors/frame_enhancer/frame_enhancer.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

using core::Option;
using core::OptionKind;

namespace {

std::vector<std::string> model_choices(const core::OptionValues& values) {
  return names_of(frame_enhancer_models(models::model_set_of(values)));
}

}  // namespace

const std::vector<Option>& frame_enhancer_options() {
  static const std::vector<Option> table{
      {.name = "frame-enhancer-model",
       .section = "processors",
       .help = "model that enlarges the frame; its name ends with how much, and later processors see the larger frame",
       .default_value = std::string("span_kendata_x4"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      {.name = "frame-enhancer-blend",
       .kind = OptionKind::kInteger,
       .section = "processors",
       .help = "how much of the enhanced frame, in percent; the rest is the frame enlarged plainly",
       .default_value = 80LL,
       .range = core::OptionRange{0, 100, 1}},
  };
  return table;
}

}  // namespace facegraph::processors
