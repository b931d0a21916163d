// Finds faces in a frame. spec: analysis.md section 4.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "analysers/detector/candidates.hpp"
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

// One network on one frame. The abstract seam of this role.
class DetectorNetwork {
 public:
  virtual ~DetectorNetwork() = default;
  // How many candidates a frame has at most.
  virtual int rows() const = 0;
  // Runs the network on a frame on the site, with margins of that many pixels.
  virtual void look(core::ConstImageView frame, const std::array<int, 4>& margin) = 0;
  // Appends the candidates of the frame that it looked at last.
  virtual void append(Candidates& found, const FramePlace& place) const = 0;
};

class Detector {
 public:
  Detector(const Context& context, const DetectorOptions& options);

  // Of all configured angles and networks, not suppressed. The frame lies on the context's site.
  Candidates detect(core::ConstImageView frame);

 private:
  void look(core::ConstImageView frame, FramePlace place, Candidates& found);
  void report(core::ConstImageView frame, const FramePlace& place) const;
  int rows() const;

  DetectorOptions options_;
  device::Site site_;
  std::vector<std::unique_ptr<DetectorNetwork>> networks_;
};

}  // namespace facegraph::analysers
