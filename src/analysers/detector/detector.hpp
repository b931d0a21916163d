// Finds faces in a frame. spec: analysis.md section 4.
#pragma once

#include <array>
#include <memory>
#include <span>
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

// A frame as the networks see it: upright or turned, with margins of that many pixels.
struct DetectorView {
  core::ConstImageView picture;  // on the site
  std::array<int, 4> margin{};
  FramePlace place;
  Candidates* found = nullptr;     // of the frame
  Candidates* reported = nullptr;  // in the coordinates of the picture; null: nobody asks
};

// The abstract seam of this role.
class DetectorNetwork {
 public:
  virtual ~DetectorNetwork() = default;
  // How many candidates a frame has at most.
  virtual int rows() const = 0;
  // Runs the network on the views, on several at once where it can, and appends the candidates of each.
  virtual void look(std::span<const DetectorView> views) = 0;
};

class Detector {
 public:
  Detector(const Context& context, const DetectorOptions& options);

  // Of each frame: of all configured angles and networks, not suppressed. The frames lie on the context's site.
  std::vector<Candidates> detect(std::span<const core::ConstImageView> frames);

 private:
  void look(std::vector<DetectorView> views);
  int rows() const;

  DetectorOptions options_;
  device::Site site_;
  std::vector<std::unique_ptr<DetectorNetwork>> networks_;
};

}  // namespace facegraph::analysers
