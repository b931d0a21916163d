#include "models/catalogue/model_set.hpp"
#include "processors/lip_syncer/lip_syncer.hpp"
#include "processors/shared/model_name.hpp"

namespace facegraph::processors {

namespace {

std::vector<std::string> model_choices(const core::OptionValues& values) {
  std::vector<std::string> names;
  if (!models::is_embedded(values)) {
    for (const LipSyncerModel& model : lip_syncer_models()) {
      names.push_back(model.file.name);
    }
  }
  return names;
}

}  // namespace

const std::vector<core::Option>& lip_syncer_options() {
  static const std::vector<core::Option> table{
      {.name = "lip-syncer-model",
       .section = "processors",
       .help = "model that moves the lips",
       .default_value = std::string("wav2lip_gan_96"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      {.name = "lip-syncer-weight",
       .kind = core::OptionKind::kFloat,
       .section = "processors",
       .help = "how much the voice moves the lips",
       .default_value = 0.5,
       .range = core::OptionRange{0, 1, 0.05}},
  };
  return table;
}

LipSyncerOptions LipSyncerOptions::from(const core::OptionValues& values) {
  LipSyncerOptions options{.model = lip_syncer_model(model_name(values, "lip_syncer")),
                           .weight = static_cast<float>(values.number("lip-syncer-weight")),
                           .masker = {}};
  const bool whole_face = options.model.type == LipSyncerType::kEdtalk;
  const analysers::MaskerOptions masker = analysers::MaskerOptions::from(values);
  options.masker = {.occluder_model = masker.occluder_model,
                    .parser_model = "",
                    .box = whole_face,
                    .occlusion = masker.occlusion,
                    .area = !whole_face,
                    .areas = {ops::FaceMaskArea::kLowerFace},
                    .blur = masker.blur,
                    .padding = masker.padding};
  return options;
}

}  // namespace facegraph::processors
