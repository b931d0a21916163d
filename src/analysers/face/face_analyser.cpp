#include "analysers/face/face_analyser.hpp"

#include <cmath>
#include <iterator>
#include <string>

#include "core/base/log.hpp"
#include "core/base/probe.hpp"
#include "ops/face/face.hpp"

namespace facegraph::analysers {

using core::Face;
using core::Faces;

namespace {

template <std::size_t Count>
std::vector<double> flat(const std::array<core::Point, Count>& points) {
  std::vector<double> values;
  for (const core::Point& point : points) {
    values.insert(values.end(), {point.x, point.y});
  }
  return values;
}

void report(const Faces& faces) {
  core::Probe* probe = core::probe();
  if (probe == nullptr) {
    return;
  }
  probe->numbers("faces_count", std::vector<double>{static_cast<double>(faces.size())});
  for (const Face& face : faces) {
    const core::BoundingBox& box = face.bounding_box;
    probe->numbers("faces_box", std::vector<double>{box.x1, box.y1, box.x2, box.y2});
    probe->numbers("faces_lm5", flat(face.landmarks.five));
    probe->numbers("faces_lm5_68", flat(face.landmarks.five_of_68));
    probe->numbers("faces_lm68", flat(face.landmarks.sixty_eight));
    probe->numbers("faces_lm68_5", flat(face.landmarks.sixty_eight_of_5));
    probe->numbers("faces_scores", std::vector<double>{face.detector_score, face.landmarker_score});
    probe->numbers("faces_embedding", std::vector<double>(face.embedding.begin(), face.embedding.end()));
    probe->numbers("faces_angle", std::vector<double>{static_cast<double>(face.angle)});
    if (face.age && face.gender && face.race) {
      probe->numbers("faces_class",
                     std::vector<double>{double(face.age->start), double(face.age->end),
                                         double(static_cast<int>(*face.gender)), double(static_cast<int>(*face.race))});
    }
  }
}

}  // namespace

FaceAnalyserOptions FaceAnalyserOptions::from(const core::OptionValues& values) {
  return {DetectorOptions::from(values), LandmarkerOptions::from(values), models::model_set_of(values)};
}

std::vector<models::ModelFile> face_analyser_models(const FaceAnalyserOptions& options) {
  std::vector<models::ModelFile> files;
  for (const auto& part : {classifier_models(options.model_set), detector_models(options.detector),
                           landmarker_models(options.landmarker), recognizer_models(options.model_set)}) {
    files.insert(files.end(), part.begin(), part.end());
  }
  return files;
}

FaceAnalyser::FaceAnalyser(const Context& context, const FaceAnalyserOptions& options, FaceFacts facts)
    : context_(context),
      options_(options),
      detector_(context, options.detector),
      predictor_(context, options.landmarker) {
  if (core::probe() != nullptr) {
    facts = {};
  }
  if (facts.embedding) {
    recognizer_.emplace(context, options.model_set);
  }
  if (facts.classes && !classifier_models(options.model_set).empty()) {
    classifier_.emplace(context);
  }
  if (options.landmarker.score > 0) {
    landmarker_.emplace(context, options.landmarker);
  }
}

FaceAnalyser::~FaceAnalyser() {
  if (left_out_ > 0) {
    core::log_warn("face_analyser", "faces left out: {}; a model gave a box or points that no face has", left_out_);
  }
}

Faces FaceAnalyser::analyse(core::ConstImageView frame) {
  Faces faces;
  if (options_.detector.score <= 0) {
    return faces;
  }
  const bool many = options_.detector.model == "many";
  const device::Picture on_gpu = context_.site.on_gpu() ? context_.site.copy_in(frame) : device::Picture();
  const core::ConstImageView on_site = on_gpu.empty() ? frame : core::ConstImageView(on_gpu);
  const Detections found = detector_.detect(on_site).kept(static_cast<float>(options_.detector.score),
                                                          ops::nms_threshold(many, options_.detector.angles.size()));
  for (std::size_t index = 0; index < found.boxes.size(); ++index) {
    if (auto face = make_face(frame, found.boxes[index], found.scores[index], found.points[index])) {
      faces.push_back(*face);
    } else {
      ++left_out_;
    }
  }
  context_.pool.check_finite(context_.device_id);
  report(faces);
  return faces;
}

// spec: analysis.md 7.1. No value for a box that is not finite and for points that no similarity can be estimated from:
// the reference fails there, we skip the face.
std::optional<Face> FaceAnalyser::make_face(core::ConstImageView frame, const core::BoundingBox& box, float score,
                                            const core::Landmark5& points) {
  Face face;
  face.bounding_box = box;
  face.detector_score = static_cast<double>(score);
  face.landmarks.five = points;
  face.landmarks.five_of_68 = points;
  if (!std::isfinite(box.x1 + box.y1 + box.x2 + box.y2)) {
    return std::nullopt;
  }
  const auto predicted = predictor_.predict(points);
  if (!predicted) {
    return std::nullopt;
  }
  face.landmarks.sixty_eight_of_5 = *predicted;
  face.landmarks.sixty_eight = *predicted;
  face.angle = ops::face_angle(*predicted);
  if (landmarker_) {
    // 68 is replaced even when its score is low (quirk Q8); without points (peppa_wutz alone) the prediction stays.
    if (const auto result = landmarker_->detect(frame, box, face.angle)) {
      face.landmarks.sixty_eight = result->points;
      face.landmarker_score = result->score;
    }
    if (face.landmarker_score > options_.landmarker.score) {
      face.landmarks.five_of_68 = ops::five_of_sixty_eight(face.landmarks.sixty_eight, true);
    }
  }
  if (recognizer_) {
    const auto embedding = recognizer_->embed(frame, face.landmarks.five_of_68);
    if (!embedding) {
      return std::nullopt;
    }
    face.embedding = *embedding;
    face.embedding_norm = ops::normalised(*embedding);
  }
  if (classifier_) {
    const auto classification = classifier_->classify(frame, face.landmarks.five_of_68);
    if (!classification) {
      return std::nullopt;
    }
    face.age = classification->age;
    face.gender = classification->gender;
    face.race = classification->race;
  }
  return face;
}

}  // namespace facegraph::analysers
