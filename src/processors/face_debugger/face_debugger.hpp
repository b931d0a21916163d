// Draws onto the frame what was found of the selected faces. spec: face-processors.md section 9.
#pragma once

#include <memory>
#include <vector>

#include "analysers/masker/masker.hpp"
#include "core/options/option.hpp"
#include "processors/processor.hpp"

namespace facegraph::processors {

struct DebuggerItems {
  bool bounding_box = false;
  bool landmark_5 = false;
  bool landmark_5_68 = false;  // "5/68"
  bool landmark_68 = false;
  bool landmark_68_5 = false;  // "68/5"
  bool face_mask = false;
};

struct FaceDebuggerOptions {
  DebuggerItems items;
  analysers::MaskerOptions masker;  // without blur: the mask's outline is drawn, not its slope

  static FaceDebuggerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& face_debugger_options();
std::unique_ptr<Processor> make_face_debugger(const core::OptionValues& values);

}  // namespace facegraph::processors
