#include "analysers/detector/detector.hpp"
#include "analysers/shared/options.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::analysers {

using core::Option;
using core::OptionKind;

namespace {

std::vector<std::string> model_choices(const core::OptionValues& values) {
  if (models::is_embedded(values)) {
    return {"embedded_detector"};
  }
  return {"many", "retinaface", "scrfd", "yolo_face", "yunet"};
}

std::vector<std::string> size_choices(const core::OptionValues& values) {
  const std::string& model = values.string("face-detector-model");
  if (model == "retinaface" || model == "scrfd" || model == "embedded_detector") {
    return {"640x640", "160x160", "320x320", "480x480", "512x512"};
  }
  return {"640x640"};
}

}  // namespace

const std::vector<Option>& detector_options() {
  static const std::vector<Option> table{
      {.name = "face-detector-model",
       .section = "face_detector",
       .help = "model that finds the faces",
       .default_value = std::string("yolo_face"),
       .dependent_choices = model_choices,
       .depends_on = models::kModelSetOption},
      {.name = "face-detector-size",
       .section = "face_detector",
       .help = "side of the picture that the detector sees",
       .dependent_choices = size_choices,
       .depends_on = "face-detector-model"},
      {.name = "face-detector-margin",
       .kind = OptionKind::kIntegerList,
       .section = "face_detector",
       .help = "black border around the frame before detection, in percent: top right bottom left",
       .default_value = std::vector<long long>{0, 0, 0, 0},
       .range = core::OptionRange{0, 100, 1},
       .sanitise = true,
       .max_values = 4},
      {.name = "face-detector-angles",
       .kind = OptionKind::kIntegerList,
       .section = "face_detector",
       .help = "turns of the frame in which faces are looked for",
       .default_value = std::vector<long long>{0},
       .choices = {"0", "90", "180", "270"}},
      {.name = "face-detector-score",
       .kind = OptionKind::kFloat,
       .section = "face_detector",
       .help = "detections below this score are dropped",
       .default_value = 0.5,
       .range = core::OptionRange{0, 1, 0.05}},
  };
  return table;
}

DetectorOptions DetectorOptions::from(const core::OptionValues& values) {
  DetectorOptions options;
  options.model = values.string("face-detector-model");
  options.size = unpack_size(values.string("face-detector-size"));
  options.margin = sides(values, "face-detector-margin");
  options.angles.clear();
  for (const long long angle : values.integers("face-detector-angles")) {
    options.angles.push_back(static_cast<int>(angle));
  }
  options.score = values.number("face-detector-score");
  return options;
}

}  // namespace facegraph::analysers
