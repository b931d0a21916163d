#include <algorithm>

#include "processors/face_debugger/face_debugger.hpp"

namespace facegraph::processors {

const std::vector<core::Option>& face_debugger_options() {
  static const std::vector<core::Option> table{
      {.name = "face-debugger-items",
       .kind = core::OptionKind::kStringList,
       .section = "processors",
       .help = "what to draw of each face",
       .default_value = std::vector<std::string>{"face-landmark-5/68", "face-mask"},
       .choices = {"bounding-box", "face-landmark-5", "face-landmark-5/68", "face-landmark-68", "face-landmark-68/5",
                   "face-mask"}},
  };
  return table;
}

FaceDebuggerOptions FaceDebuggerOptions::from(const core::OptionValues& values) {
  const auto& items = values.strings("face-debugger-items");
  const auto has = [&](const char* item) { return std::find(items.begin(), items.end(), item) != items.end(); };
  FaceDebuggerOptions options{.items = {.bounding_box = has("bounding-box"),
                                        .landmark_5 = has("face-landmark-5"),
                                        .landmark_5_68 = has("face-landmark-5/68"),
                                        .landmark_68 = has("face-landmark-68"),
                                        .landmark_68_5 = has("face-landmark-68/5"),
                                        .face_mask = has("face-mask")},
                              .masker = analysers::MaskerOptions::from(values)};
  options.masker.blur = 0;
  return options;
}

}  // namespace facegraph::processors
