// Changes a face's expression and pose by sliders. spec: portrait-frame-processors.md section 4.
#pragma once

#include <memory>
#include <vector>

#include "core/options/option.hpp"
#include "processors/face_editor/sliders.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct FaceEditorOptions {
  FaceSliders sliders;
  double mask_blur = 0.3;  // of the box mask, the only one

  // Throws Error(kUsage) where the model set has no model.
  static FaceEditorOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& face_editor_options();
std::unique_ptr<Processor> make_face_editor(const core::OptionValues& values);

}  // namespace facegraph::processors
