#include "analysers/face/face_analyser.hpp"

#include <algorithm>
#include <cmath>
#include <string>
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

Faces FaceAnalyser::analyse_on_site(core::ConstImageView frame) {
  return std::move(analyse_on_site(std::span<const core::ConstImageView>(&frame, 1)).front());
}

// spec: analysis.md 7.1. A GPU works on all faces before the host waits for what it found out; a face is left out where
// no similarity can be estimated from its points: there the reference fails.
std::vector<Faces> FaceAnalyser::analyse_on_site(std::span<const core::ConstImageView> frames) {
  std::vector<Faces> all(frames.size());
  if (options_.detector.score <= 0) {
    return all;
  }
  Found found = detect(frames);
  // One after the other where frames go alone: so the reference works on them.
  const auto together = static_cast<std::size_t>(context_.pool.frames_at_once());
  const std::span<const FoundFace> on_site(found.on_site);
  std::vector<Pending> pending;
  for (std::size_t first = 0; first < on_site.size(); first += together) {
    pending.push_back(begin(on_site.subspan(first, std::min(together, on_site.size() - first))));
  }
  context_.pool.check_finite(context_.device_id);
  for (std::size_t i = 0; i < on_site.size(); ++i) {
    if (finish(found.faces[i], pending[i / together], i % together)) {
      all[found.frames[i]].push_back(found.faces[i]);
    } else {
      ++left_out_;
    }
  }
  for (const Faces& faces : all) {
    report(faces);
  }
  return all;
}

FaceAnalyser::Found FaceAnalyser::detect(std::span<const core::ConstImageView> frames) {
  const bool many = options_.detector.model == "many";
  const std::vector<Detections> kept =
      Candidates::kept(detector_.detect(frames), static_cast<float>(options_.detector.score),
                       ops::nms_threshold(many, options_.detector.angles.size()));
  Found found;
  for (std::size_t frame = 0; frame < frames.size(); ++frame) {
    for (std::size_t i = 0; i < kept[frame].boxes.size(); ++i) {
      const core::BoundingBox& box = kept[frame].boxes[i];
      const auto on_site = found_face(frames[frame], box, kept[frame].points[i]);
      if (!on_site || !std::isfinite(box.x1 + box.y1 + box.x2 + box.y2)) {
        ++left_out_;
        continue;
      }
      found.frames.push_back(frame);
      Face& face = found.faces.emplace_back();
      face.bounding_box = box;
      face.detector_score = static_cast<double>(kept[frame].scores[i]);
      face.landmarks.five = kept[frame].points[i];
      found.on_site.push_back(*on_site);
    }
  }
  return found;
}

FaceAnalyser::Pending FaceAnalyser::begin(std::span<const FoundFace> faces) {
  auto on_site = context_.site.values<FacePoints>(faces.size());
  FacePoints* points = on_site.data();
  predictor_.predict(points, faces);
  if (landmarker_) {
    landmarker_->refine(points, faces);
  }
  Pending pending{context_.site.fetch(std::span<const FacePoints>(points, faces.size())), {}, {}};
  std::vector<SiteFace> seen;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    seen.push_back({faces[i].frame, &points[i].five_of_68});
  }
  if (recognizer_) {
    pending.identities = recognizer_->embed(seen);
  }
  if (classifier_) {
    pending.classes = classifier_->classify(seen);
  }
  return pending;
}

// False for a face that has no similarity to what recognizer or classifier see.
bool FaceAnalyser::finish(Face& face, const Pending& pending, std::size_t index) {
  const FacePoints& points = pending.points.data()[index];
  face.landmarks.sixty_eight_of_5 = points.sixty_eight_of_5;
  face.landmarks.sixty_eight = points.sixty_eight;
  face.landmarks.five_of_68 = points.five_of_68;
  face.landmarker_score = points.score;
  face.angle = points.angle;
  if (pending.identities) {
    const auto embedding = pending.identities->value(index);
    if (!embedding) {
      return false;
    }
    face.embedding = *embedding;
    face.embedding_norm = ops::normalised(face.embedding);
  }
  if (pending.classes) {
    const auto classes = pending.classes->value(index);
    if (!classes) {
      return false;
    }
    face.age = classes->age;
    face.gender = classes->gender;
    face.race = classes->race;
  }
  return true;
}

}  // namespace facegraph::analysers
