#include "core/base/error.hpp"
#include "models/catalogue/model_set.hpp"
#include "models/store/store.hpp"
#include "processors/deep_swapper/deep_swapper.hpp"

namespace facegraph::processors {

using core::OptionKind;

const std::vector<core::Option>& deep_swapper_options() {
  static const std::vector<core::Option> table{
      {.name = "deep-swapper-model",
       .section = "processors",
       .help = "model of the face to put in: SCOPE/NAME of a file SCOPE/NAME.dfm in the models folder"},
      {.name = "deep-swapper-morph",
       .kind = OptionKind::kInteger,
       .section = "processors",
       .help = "how much of the model's face, in percent; for models that can mix it with the previous one",
       .default_value = 100LL,
       .range = core::OptionRange{0, 100, 1}},
  };
  return table;
}

DeepSwapperOptions DeepSwapperOptions::from(const core::OptionValues& values) {
  if (models::is_embedded(values)) {
    core::fail(core::ErrorCode::kUsage,
               "deep_swapper: the embedded model set has no model for it; take another --{}, or leave deep_swapper out",
               models::kModelSetOption);
  }
  const std::string name = values.is_set("deep-swapper-model") ? values.string("deep-swapper-model") : "";
  DeepSwapperOptions options{.model = deep_swapper_model(name, models::Store::standard().folder()),
                             .morph = static_cast<int>(values.integer("deep-swapper-morph")),
                             .masker = analysers::MaskerOptions::from(values)};
  options.masker.box = true;
  return options;
}

}  // namespace facegraph::processors
