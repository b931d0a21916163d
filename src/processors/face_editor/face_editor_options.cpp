#include "processors/face_editor/face_editor.hpp"
#include "processors/shared/live_portrait.hpp"
#include "processors/shared/model_name.hpp"

namespace facegraph::processors {

using core::Option;
using core::OptionKind;

namespace {

struct Slider {
  const char* name;  // of the option
  double FaceSliders::*value;
  const char* help;
};

constexpr Slider kSliders[]{
    {"face-editor-eyebrow-direction", &FaceSliders::eyebrow_direction, "raise or lower the eyebrows"},
    {"face-editor-eye-gaze-horizontal", &FaceSliders::eye_gaze_horizontal, "turn the gaze sideways"},
    {"face-editor-eye-gaze-vertical", &FaceSliders::eye_gaze_vertical, "turn the gaze up or down"},
    {"face-editor-eye-open-ratio", &FaceSliders::eye_open_ratio, "open (above 0) or close the eyes"},
    {"face-editor-lip-open-ratio", &FaceSliders::lip_open_ratio, "open (above 0) or close the lips"},
    {"face-editor-mouth-grim", &FaceSliders::mouth_grim, "make the mouth grim"},
    {"face-editor-mouth-pout", &FaceSliders::mouth_pout, "make the mouth pout"},
    {"face-editor-mouth-purse", &FaceSliders::mouth_purse, "purse the lips"},
    {"face-editor-mouth-smile", &FaceSliders::mouth_smile, "make the mouth smile"},
    {"face-editor-mouth-position-horizontal", &FaceSliders::mouth_position_horizontal, "move the mouth sideways"},
    {"face-editor-mouth-position-vertical", &FaceSliders::mouth_position_vertical, "move the mouth up or down"},
    {"face-editor-head-pitch", &FaceSliders::head_pitch, "turn the head up or down, by 20 degrees at 1 or -1"},
    {"face-editor-head-yaw", &FaceSliders::head_yaw, "turn the head sideways, by 60 degrees at 1 or -1"},
    {"face-editor-head-roll", &FaceSliders::head_roll, "tilt the head, by 15 degrees at 1 or -1"},
};

}  // namespace

const std::vector<Option>& face_editor_options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> options{{.name = "face-editor-model",
                                 .section = "processors",
                                 .help = "models that edit the face",
                                 .dependent_choices = portrait_model_names,
                                 .depends_on = models::kModelSetOption}};
    for (const Slider& slider : kSliders) {
      options.push_back({.name = slider.name,
                         .kind = OptionKind::kFloat,
                         .section = "processors",
                         .help = slider.help,
                         .default_value = 0.0,
                         .range = core::OptionRange{-1, 1, 0.05}});
    }
    return options;
  }();
  return table;
}

FaceEditorOptions FaceEditorOptions::from(const core::OptionValues& values) {
  model_name(values, "face_editor");  // there is one, or none
  FaceEditorOptions options;
  for (const Slider& slider : kSliders) {
    options.sliders.*slider.value = values.number(slider.name);
  }
  options.mask_blur = values.number("face-mask-blur");
  return options;
}

}  // namespace facegraph::processors
