#include <algorithm>

#include "analysers/selector/selector.hpp"

namespace facegraph::analysers {

using core::Option;
using core::OptionKind;

namespace {

// In the order of the enumerations.
const std::vector<std::string> kModes{"many", "one", "reference"};
const std::vector<std::string> kOrders{"left-right",  "right-left",  "top-bottom", "bottom-top",
                                       "small-large", "large-small", "best-worst", "worst-best"};
const std::vector<std::string> kGenders{"auto", "female", "male"};
const std::vector<std::string> kRaces{"auto", "white", "black", "latino", "asian", "indian", "arabic"};

std::size_t position(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

// The name lists of filters begin with "auto", the enumerations do not.
template <typename T>
Wanted<T> wanted(const core::OptionValues& values, const std::string& option, const std::vector<std::string>& names) {
  if (!values.is_set(option)) {
    return {};
  }
  const std::size_t index = position(names, values.string(option));
  return index == 0 ? Wanted<T>{true, std::nullopt} : Wanted<T>{false, static_cast<T>(index - 1)};
}

std::optional<int> optional_integer(const core::OptionValues& values, const std::string& option) {
  return values.is_set(option) ? std::optional(static_cast<int>(values.integer(option))) : std::nullopt;
}

}  // namespace

const std::vector<Option>& selector_options() {
  static const std::vector<Option> table{
      {.name = "face-selector-mode",
       .section = "face_selector",
       .help = "process many faces, one face, or those like the reference face",
       .default_value = std::string("reference"),
       .choices = kModes},
      {.name = "face-selector-order",
       .section = "face_selector",
       .help = "order of the found faces",
       .default_value = std::string("large-small"),
       .choices = kOrders},
      {.name = "face-selector-age-start",
       .kind = OptionKind::kInteger,
       .section = "face_selector",
       .help = "process faces from this age on",
       .range = core::OptionRange{0, 100, 1}},
      {.name = "face-selector-age-end",
       .kind = OptionKind::kInteger,
       .section = "face_selector",
       .help = "process faces below this age",
       .range = core::OptionRange{0, 100, 1}},
      {.name = "face-selector-gender",
       .section = "face_selector",
       .help = "process faces of this gender; auto: the source's",
       .choices = kGenders},
      {.name = "face-selector-race",
       .section = "face_selector",
       .help = "process faces of this race; auto: the source's",
       .choices = kRaces},
      {.name = "reference-face-position",
       .kind = OptionKind::kInteger,
       .section = "face_selector",
       .help = "which face of the reference frame is the reference",
       .default_value = 0LL},
      {.name = "reference-face-distance",
       .kind = OptionKind::kFloat,
       .section = "face_selector",
       .help = "how far a face may be from the reference face",
       .default_value = 0.3,
       .range = core::OptionRange{0, 1, 0.05}},
      {.name = "reference-frame-number",
       .kind = OptionKind::kInteger,
       .section = "face_selector",
       .help = "frame of a video that holds the reference face",
       .default_value = 0LL},
  };
  return table;
}

SelectorOptions SelectorOptions::from(const core::OptionValues& values) {
  SelectorOptions options;
  options.mode = static_cast<SelectorMode>(position(kModes, values.string("face-selector-mode")));
  options.order = static_cast<SelectorOrder>(position(kOrders, values.string("face-selector-order")));
  options.gender = wanted<core::Gender>(values, "face-selector-gender", kGenders);
  options.race = wanted<core::Race>(values, "face-selector-race", kRaces);
  options.age_start = optional_integer(values, "face-selector-age-start");
  options.age_end = optional_integer(values, "face-selector-age-end");
  options.reference_position = static_cast<int>(values.integer("reference-face-position"));
  options.reference_distance = values.number("reference-face-distance");
  options.reference_frame_number = values.integer("reference-frame-number");
  return options;
}

}  // namespace facegraph::analysers
