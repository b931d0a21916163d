// Finds faces in a frame. spec: analysis.md section 4.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "core/options/option.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::analysers {

struct DetectorOptions {
  std::string model = "yolo_face";  // or many, retinaface, scrfd, yunet, embedded_detector
  core::Size size{640, 640};
  std::array<int, 4> margin{};  // percent of half the side: top, right, bottom, left
  std::vector<int> angles{0};
  double score = 0.5;

  static DetectorOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& detector_options();
std::vector<models::ModelFile> detector_models(const DetectorOptions& options);

// Candidates before suppression, in the frame's coordinates; the three lists are parallel.
struct Detections {
  std::vector<core::BoundingBox> boxes;
  std::vector<float> scores;
  std::vector<core::Landmark5> points;
};

// One network on one frame. The abstract seam of this role.
class DetectorNetwork {
 public:
  virtual ~DetectorNetwork() = default;
  // Appends the frame's candidates. Coordinates are those of the frame with its margins.
  virtual void detect(core::ConstImageView frame, const std::array<int, 4>& margin, Detections& found) = 0;
};

class Detector {
 public:
  Detector(const Context& context, const DetectorOptions& options);

  // All configured angles and networks, not suppressed.
  Detections detect(core::ConstImageView frame);

 private:
  Detections detect_upright(core::ConstImageView frame);

  DetectorOptions options_;
  std::vector<std::unique_ptr<DetectorNetwork>> networks_;
};

}  // namespace facegraph::analysers
