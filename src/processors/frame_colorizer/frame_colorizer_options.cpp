#include "processors/frame_colorizer/frame_colorizer.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

using core::Option;
using core::OptionKind;

namespace {

std::vector<std::string> model_choices(const core::OptionValues& values) {
  return names_of(frame_colorizer_models(models::model_set_of(values)));
}

}  // namespace

const std::vector<Option>& frame_colorizer_options() {
  static const std::vector<Option> table{
      {.name = "frame-colorizer-model",
       .section = "processors",
       .help = "model that colours the frame",
       .default_value = std::string("ddcolor"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      {.name = "frame-colorizer-size",
       .section = "processors",
       .help = "size that the model works at; larger finds finer patches of colour",
       .default_value = std::string("256x256"),
       .choices = {"192x192", "256x256", "384x384", "512x512"}},
      {.name = "frame-colorizer-blend",
       .kind = OptionKind::kInteger,
       .section = "processors",
       .help = "how much of the coloured frame, in percent; the rest is the frame as it was",
       .default_value = 100LL,
       .range = core::OptionRange{0, 100, 1}},
  };
  return table;
}

}  // namespace facegraph::processors
