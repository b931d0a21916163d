#include "core/base/error.hpp"
#include "processors/background_remover/background_remover.hpp"
#include "processors/shared/model_name.hpp"
#include "processors/shared/model_table.hpp"

namespace facegraph::processors {

using core::Option;
using core::OptionKind;

namespace {

std::vector<std::string> model_choices(const core::OptionValues& values) {
  return names_of(background_remover_models(models::model_set_of(values)));
}

Option colour_option(const std::string& name, const std::string& help) {
  return {
      .name = name,
      .kind = OptionKind::kIntegerList,
      .section = "processors",
      .help =
          help +
          ": red green blue alpha; one value is a grey, two are red and blue alike and green, up to three are opaque",
      .default_value = std::vector<long long>{0, 0, 0, 0},
      .range = core::OptionRange{0, 255, 1},
      .sanitise = true,
      .max_values = 4};
}

// spec: application.md 2.3
ops::Rgba colour(const core::OptionValues& values, const std::string& name) {
  constexpr int kOpaque = 255;
  const std::vector<long long>& given = values.integers(name);
  const auto at = [&](std::size_t i) { return static_cast<int>(given[i]); };
  switch (given.size()) {
    case 1:
      return {at(0), at(0), at(0), kOpaque};
    case 2:
      return {at(0), at(1), at(0), kOpaque};
    case 3:
      return {at(0), at(1), at(2), kOpaque};
    case 4:
      return {at(0), at(1), at(2), at(3)};
    default:
      core::fail(core::ErrorCode::kUsage, "--{}: expected 1 to 4 values (red green blue alpha), found {}", name,
                 given.size());
  }
}

}  // namespace

const std::vector<Option>& background_remover_options() {
  static const std::vector<Option> table{
      {.name = "background-remover-model",
       .section = "processors",
       .help = "model that tells the foreground from the background",
       .default_value = std::string("modnet"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      colour_option("background-remover-fill-color", "colour laid over the background"),
      colour_option("background-remover-despill-color", "colour whose reflections are taken out of the frame"),
  };
  return table;
}

BackgroundRemoverOptions BackgroundRemoverOptions::from(const core::OptionValues& values) {
  return {.model = model_of(background_remover_models(models::model_set_of(values)), "background_remover",
                            model_name(values, "background_remover")),
          .fill = colour(values, "background-remover-fill-color"),
          .despill = colour(values, "background-remover-despill-color")};
}

}  // namespace facegraph::processors
