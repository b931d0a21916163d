#include <algorithm>

#include "analysers/masker/masker.hpp"
#include "analysers/shared/options.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::analysers {

using core::Option;
using core::OptionKind;

namespace {

// In the order of ops::FaceMaskArea and ops::FaceMaskRegion.
const std::vector<std::string> kAreas{"upper-face", "lower-face", "mouth"};
const std::vector<std::string> kRegions{"skin",    "left-eyebrow", "right-eyebrow", "left-eye",  "right-eye",
                                        "glasses", "nose",         "mouth",         "upper-lip", "lower-lip"};

std::vector<std::string> occluder_choices(const core::OptionValues& values) {
  if (models::is_embedded(values)) {
    return {"embedded_occluder"};
  }
  return {"many", "xseg_1", "xseg_2", "xseg_3"};
}

std::vector<std::string> parser_choices(const core::OptionValues& values) {
  if (models::is_embedded(values)) {
    return {"embedded_parser"};
  }
  return {"bisenet_resnet_18", "bisenet_resnet_34"};
}

template <typename Enum>
std::vector<Enum> positions(const std::vector<std::string>& wanted, const std::vector<std::string>& names) {
  std::vector<Enum> result;
  for (const std::string& name : wanted) {
    result.push_back(static_cast<Enum>(std::find(names.begin(), names.end(), name) - names.begin()));
  }
  return result;
}

}  // namespace

const std::vector<Option>& masker_options() {
  static const std::vector<Option> table{
      {.name = "face-occluder-model",
       .section = "face_masker",
       .help = "model that finds what covers a face",
       .default_value = std::string("xseg_1"),
       .dependent_choices = occluder_choices,
       .depends_on = models::kModelSetOption},
      {.name = "face-parser-model",
       .section = "face_masker",
       .help = "model that finds the regions of a face",
       .default_value = std::string("bisenet_resnet_34"),
       .dependent_choices = parser_choices,
       .depends_on = models::kModelSetOption},
      {.name = "face-mask-types",
       .kind = OptionKind::kStringList,
       .section = "face_masker",
       .help = "masks to combine",
       .default_value = std::vector<std::string>{"box"},
       .choices = {"box", "occlusion", "area", "region"}},
      {.name = "face-mask-areas",
       .kind = OptionKind::kStringList,
       .section = "face_masker",
       .help = "areas of the mask type area",
       .default_value = kAreas,
       .choices = kAreas},
      {.name = "face-mask-regions",
       .kind = OptionKind::kStringList,
       .section = "face_masker",
       .help = "regions of the mask type region",
       .default_value = kRegions,
       .choices = kRegions},
      {.name = "face-mask-blur",
       .kind = OptionKind::kFloat,
       .section = "face_masker",
       .help = "softness of the box mask's edge",
       .default_value = 0.3,
       .range = core::OptionRange{0, 1, 0.05}},
      {.name = "face-mask-padding",
       .kind = OptionKind::kIntegerList,
       .section = "face_masker",
       .help = "part of the box mask that is cut off, in percent: top right bottom left",
       .default_value = std::vector<long long>{0, 0, 0, 0},
       .range = core::OptionRange{0, 100, 1},
       .sanitise = true,
       .max_values = 4},
  };
  return table;
}

MaskerOptions MaskerOptions::from(const core::OptionValues& values) {
  const auto& types = values.strings("face-mask-types");
  const auto has = [&](const char* type) { return std::find(types.begin(), types.end(), type) != types.end(); };
  MaskerOptions options;
  options.occluder_model = values.string("face-occluder-model");
  options.parser_model = values.string("face-parser-model");
  options.box = has("box");
  options.occlusion = has("occlusion");
  options.area = has("area");
  options.region = has("region");
  options.areas = positions<ops::FaceMaskArea>(values.strings("face-mask-areas"), kAreas);
  options.regions = positions<ops::FaceMaskRegion>(values.strings("face-mask-regions"), kRegions);
  options.blur = values.number("face-mask-blur");
  options.padding = sides(values, "face-mask-padding");
  return options;
}

}  // namespace facegraph::analysers
