#include "analysers/detector/detector.hpp"

#include <utility>

#include "analysers/detector/networks.hpp"
#include "core/base/probe.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

namespace {

const models::ModelFile kRetinaface{"retinaface_10g", "models-3.0.0", "Non-Commercial"};
const models::ModelFile kScrfd{"scrfd_2.5g", "models-3.0.0", "Non-Commercial"};
const models::ModelFile kYoloFace{"yoloface_8n", "models-3.0.0", "GPL-3.0"};
const models::ModelFile kYunet{"yunet_2023_mar", "models-3.4.0", "MIT"};
const models::ModelFile kEmbedded = models::embedded_file("embedded_detector");

// Percent of half the side. spec: analysis.md 4.1
std::array<int, 4> margin_pixels(const std::array<int, 4>& percent, core::Size size) {
  // The slope first, as np.interp: the product is truncated, and its last bit decides.
  const auto pixels = [](int side, int share) { return static_cast<int>(side * (share * (0.5 / 100.0))); };
  return {pixels(size.height, percent[0]), pixels(size.width, percent[1]), pixels(size.height, percent[2]),
          pixels(size.width, percent[3])};
}

// In the coordinates of a turned frame, as the reference gives them out.
void report(core::ConstImageView frame, const Detections& found) {
  std::vector<double> boxes;
  std::vector<double> points;
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    const core::BoundingBox& box = found.boxes[i];
    boxes.insert(boxes.end(), {box.x1, box.y1, box.x2, box.y2});
    for (const core::Point& point : found.points[i]) {
      points.insert(points.end(), {point.x, point.y});
    }
  }
  core::Probe* probe = core::probe();
  probe->numbers("detect_frame_shape",
                 std::vector<double>{double(frame.height), double(frame.width), double(frame.channels)});
  probe->numbers("detect_boxes", boxes);
  probe->numbers("detect_scores", std::vector<double>(found.scores.begin(), found.scores.end()));
  probe->numbers("detect_points", points);
}

}  // namespace

std::vector<models::ModelFile> detector_models(const DetectorOptions& options) {
  // The reference loads yunet for `many` and never runs it (quirk Q2): it is not needed.
  std::vector<models::ModelFile> files;
  const bool many = options.model == "many";
  if (many || options.model == "retinaface") {
    files.push_back(kRetinaface);
  }
  if (many || options.model == "scrfd") {
    files.push_back(kScrfd);
  }
  if (many || options.model == "yolo_face") {
    files.push_back(kYoloFace);
  }
  if (options.model == "yunet") {
    files.push_back(kYunet);
  }
  if (options.model == kEmbedded.name) {
    files.push_back(kEmbedded);
  }
  return files;
}

Detector::Detector(const Context& context, const DetectorOptions& options) : options_(options), site_(context.site) {
  for (const models::ModelFile& file : detector_models(options)) {
    if (file.name == kYoloFace.name) {
      networks_.push_back(make_yolo_detector(context, file, options));
    } else if (file.name == kYunet.name) {
      networks_.push_back(make_yunet_detector(context, file, options));
    } else {
      networks_.push_back(make_anchor_detector(context, file, options));
    }
  }
}

int Detector::rows() const {
  int sum = 0;
  for (const auto& network : networks_) {
    sum += network->rows();
  }
  return sum;
}

std::vector<Candidates> Detector::detect(std::span<const core::ConstImageView> frames) {
  std::vector<Candidates> found;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    found.emplace_back(site_, rows() * static_cast<int>(options_.angles.size()));
  }
  for (const int angle : options_.angles) {
    std::vector<device::Picture> turned;  // until the networks have looked at them
    std::vector<DetectorView> views;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      DetectorView& view = views.emplace_back();
      view.picture = frames[i];
      view.found = &found[i];
      if (angle != 0) {
        const ops::Rotation turn = ops::rotation(angle, frames[i].size());
        view.picture =
            turned.emplace_back(ops::warp_affine(site_, frames[i], turn.matrix, turn.size, ops::Border::kConstant));
        view.place = {.is_turned = true, .back = ops::invert(turn.matrix)};
      }
    }
    look(std::move(views));
  }
  return found;
}

void Detector::look(std::vector<DetectorView> views) {
  std::vector<Candidates> reported;
  reported.reserve(views.size());
  for (DetectorView& view : views) {
    view.margin = margin_pixels(options_.margin, view.picture.size());
    view.place.top = view.margin[0];
    view.place.left = view.margin[3];
    if (core::probe() != nullptr) {
      view.reported = &reported.emplace_back(site_, rows());
    }
  }
  for (const auto& network : networks_) {
    network->look(views);
  }
  for (std::size_t i = 0; i < reported.size(); ++i) {
    report(views[i].picture, reported[i].all());
  }
}

}  // namespace facegraph::analysers
