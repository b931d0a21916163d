#include "analysers/face/face_analyser.hpp"

#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

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
  if (facts.classes) {
    classifier_.emplace(context, options.model_set);
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
  return context_.site.on_gpu() ? analyse_on_site(context_.site.copy_in(frame)) : analyse_on_site(frame);
}

// spec: analysis.md 7.1. A GPU works on all faces before the host waits for what a step gives.
Faces FaceAnalyser::analyse_on_site(core::ConstImageView frame) {
  if (options_.detector.score <= 0) {
    return {};
  }
  Faces faces = detect(frame);
  predict(faces);
  refine(frame, faces);
  identify(frame, faces);
  context_.pool.check_finite(context_.device_id);
  report(faces);
  return faces;
}

// start(face) begins a step, finish(face, what it gave) ends it; faces that it gives nothing for are left out: where a
// box is not finite and no similarity can be estimated from points, the reference fails.
template <typename Start, typename Finish>
void FaceAnalyser::for_all(Faces& faces, Start start, Finish finish) {
  if (faces.empty()) {
    return;
  }
  std::vector<std::invoke_result_t<Start, const Face&>> pending;
  for (const Face& face : faces) {
    pending.push_back(start(face));
  }
  context_.site.wait();
  Faces kept;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (pending[i]) {
      finish(faces[i], *pending[i]);
      kept.push_back(faces[i]);
    } else {
      ++left_out_;
    }
  }
  faces = std::move(kept);
}

Faces FaceAnalyser::detect(core::ConstImageView frame) {
  const bool many = options_.detector.model == "many";
  const Detections found = detector_.detect(frame).kept(static_cast<float>(options_.detector.score),
                                                        ops::nms_threshold(many, options_.detector.angles.size()));
  Faces faces;
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    const core::BoundingBox& box = found.boxes[i];
    if (!std::isfinite(box.x1 + box.y1 + box.x2 + box.y2)) {
      ++left_out_;
      continue;
    }
    Face& face = faces.emplace_back();
    face.bounding_box = box;
    face.detector_score = static_cast<double>(found.scores[i]);
    face.landmarks.five = found.points[i];
    face.landmarks.five_of_68 = found.points[i];
  }
  return faces;
}

void FaceAnalyser::predict(Faces& faces) {
  for_all(
      faces, [&](const Face& face) { return predictor_.predict(face.landmarks.five); },
      [](Face& face, const LandmarkPredictor::Pending& predicted) {
        face.landmarks.sixty_eight_of_5 = predicted.value();
        face.landmarks.sixty_eight = face.landmarks.sixty_eight_of_5;
        face.angle = ops::face_angle(face.landmarks.sixty_eight);
      });
}

void FaceAnalyser::refine(core::ConstImageView frame, Faces& faces) {
  if (!landmarker_) {
    return;
  }
  for_all(
      faces, [&](const Face& face) { return std::optional(landmarker_->detect(frame, face.bounding_box, face.angle)); },
      [&](Face& face, const Landmarker::Pending& pending) {
        // 68 is replaced even when its score is low (quirk Q8); without points (peppa_wutz alone) the prediction stays.
        if (const auto result = pending.value()) {
          face.landmarks.sixty_eight = result->points;
          face.landmarker_score = result->score;
        }
        if (face.landmarker_score > options_.landmarker.score) {
          face.landmarks.five_of_68 = ops::five_of_sixty_eight(face.landmarks.sixty_eight, true);
        }
      });
}

void FaceAnalyser::identify(core::ConstImageView frame, Faces& faces) {
  struct Pending {
    std::optional<Recognizer::Pending> identity;
    std::optional<Classifier::Pending> classes;
  };
  if (!recognizer_ && !classifier_) {
    return;
  }
  for_all(
      faces,
      [&](const Face& face) -> std::optional<Pending> {
        const core::Landmark5& points = face.landmarks.five_of_68;
        Pending pending;
        if (recognizer_ && !(pending.identity = recognizer_->embed(frame, points))) {
          return std::nullopt;
        }
        if (classifier_ && !(pending.classes = classifier_->classify(frame, points))) {
          return std::nullopt;
        }
        return pending;
      },
      [](Face& face, const Pending& pending) {
        if (pending.identity) {
          face.embedding = pending.identity->value();
          face.embedding_norm = ops::normalised(face.embedding);
        }
        if (pending.classes) {
          const Classification classes = pending.classes->value();
          face.age = classes.age;
          face.gender = classes.gender;
          face.race = classes.race;
        }
      });
}

}  // namespace facegraph::analysers
