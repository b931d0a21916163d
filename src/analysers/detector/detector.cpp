#include "analysers/detector/detector.hpp"

#include <iterator>

#include "analysers/detector/networks.hpp"
#include "core/base/probe.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/geometry/warp.hpp"

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

void report(core::ConstImageView frame, const Detections& found) {
  core::Probe* probe = core::probe();
  if (probe == nullptr) {
    return;
  }
  std::vector<double> boxes;
  std::vector<double> points;
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    const core::BoundingBox& box = found.boxes[i];
    boxes.insert(boxes.end(), {box.x1, box.y1, box.x2, box.y2});
    for (const core::Point& point : found.points[i]) {
      points.insert(points.end(), {point.x, point.y});
    }
  }
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

Detector::Detector(const Context& context, const DetectorOptions& options) : options_(options) {
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

Detections Detector::detect(core::ConstImageView frame) {
  Detections all;
  for (const int angle : options_.angles) {
    if (angle == 0) {
      Detections found = detect_upright(frame);
      std::move(found.boxes.begin(), found.boxes.end(), std::back_inserter(all.boxes));
      std::move(found.scores.begin(), found.scores.end(), std::back_inserter(all.scores));
      std::move(found.points.begin(), found.points.end(), std::back_inserter(all.points));
      continue;
    }
    const ops::Rotation turn = ops::rotation(angle, frame.size());
    core::Image turned(turn.size, frame.channels);
    ops::warp_affine(turned, frame, turn.matrix, ops::Border::kConstant);
    const core::Affine back = ops::invert(turn.matrix);
    Detections found = detect_upright(turned);
    for (std::size_t i = 0; i < found.boxes.size(); ++i) {
      all.boxes.push_back(ops::transform_box(back, found.boxes[i]));
      all.scores.push_back(found.scores[i]);
      ops::transform_points(back, found.points[i]);
      all.points.push_back(found.points[i]);
    }
  }
  return all;
}

Detections Detector::detect_upright(core::ConstImageView frame) {
  const std::array<int, 4> margin = margin_pixels(options_.margin, frame.size());
  const double top = margin[0];
  const double left = margin[3];
  Detections found;
  for (const auto& network : networks_) {
    network->detect(frame, margin, found);
  }
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    found.boxes[i] = without_margin(found.boxes[i], left, top);
    for (core::Point& point : found.points[i]) {
      point = {point.x - left, point.y - top};
    }
  }
  report(frame, found);
  return found;
}

}  // namespace facegraph::analysers
