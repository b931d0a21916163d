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

constexpr std::size_t kFacesTogether = 8;  // as many as a run takes at most

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
  if (options_.detector.score <= 0 || frames.empty()) {
    return std::vector<Faces>(frames.size());
  }
  const std::size_t expected = std::exchange(expected_, 0);
  Batch batch = detect(frames);
  try {
    begin(batch, std::vector<std::size_t>(frames.size(), expected));
    wait();
    if (begin_others(batch)) {
      wait();
    }
  } catch (const runtime::NotFinite&) {
    if (expected == 0) {
      throw;
    }
    return analyse_on_site(frames);  // it may have been what is no face; now none is expected
  }
  // A probe is shown what is a face, one at a time.
  if (context_.site.on_gpu() && core::probe() == nullptr) {
    expected_ = std::min(batch.kept.back().total(), Candidates::kFirstLook);
  }
  return finish(batch);
}

void FaceAnalyser::wait() const {
  context_.pool.check_finite(context_.device_id);
}

FaceAnalyser::Batch FaceAnalyser::detect(std::span<const core::ConstImageView> frames) {
  Batch batch{frames, detector_.detect(frames), {}, std::vector<std::size_t>(frames.size(), 0), {}};
  for (const Candidates& candidates : batch.candidates) {
    batch.kept.push_back(keep(candidates, Candidates::kFirstLook));
  }
  return batch;
}

KeptFaces FaceAnalyser::keep(const Candidates& candidates, std::size_t room) const {
  const bool many = options_.detector.model == "many";
  return candidates.keep(static_cast<float>(options_.detector.score),
                         ops::nms_threshold(many, options_.detector.angles.size()), room);
}

// When it is known how many faces there are. False: all have begun.
bool FaceAnalyser::begin_others(Batch& batch) {
  std::vector<std::size_t> totals;
  bool all = true;
  for (std::size_t frame = 0; frame < batch.frames.size(); ++frame) {
    KeptFaces& kept = batch.kept[frame];
    const std::size_t total = totals.emplace_back(kept.total());
    all = all && total <= batch.begun[frame];
    if (total > kept.room()) {
      kept = keep(batch.candidates[frame], total);
    }
  }
  if (!all) {
    begin(batch, totals);
  }
  return !all;
}

// So many faces of each frame, but for those that have begun before.
void FaceAnalyser::begin(Batch& batch, std::span<const std::size_t> counts) {
  std::vector<Found> found;
  for (std::size_t frame = 0; frame < counts.size(); ++frame) {
    for (std::size_t& begun = batch.begun[frame]; begun < counts[frame]; ++begun) {
      found.push_back({frame, begun});
    }
  }
  // One after the other where frames go alone: so the reference works on them.
  const std::size_t together = context_.pool.frames_at_once() > 1 ? kFacesTogether : 1;
  for (std::span<const Found> left = found; !left.empty();) {
    const std::size_t count = std::min(together, left.size());
    batch.pending.push_back(begin_some(batch, left.first(count)));
    left = left.subspan(count);
  }
}

FaceAnalyser::Pending FaceAnalyser::begin_some(const Batch& batch, std::span<const Found> found) {
  auto on_site = context_.site.values<FacePoints>(found.size());
  FacePoints* points = on_site.data();
  std::vector<FoundFace> faces;
  std::vector<SiteFace> seen;
  for (const auto& [frame, index] : found) {
    seen.push_back({batch.frames[frame], &points[faces.size()].five_of_68});
    faces.push_back({batch.frames[frame], &batch.kept[frame].on_site.data()[index].face});
  }
  predictor_.predict(points, faces);
  if (landmarker_) {
    landmarker_->refine(points, faces);
  }
  Pending pending{
      {found.begin(), found.end()}, context_.site.fetch(std::span<const FacePoints>(points, found.size())), {}, {}};
  if (recognizer_) {
    pending.identities = recognizer_->embed(seen);
  }
  if (classifier_) {
    pending.classes = classifier_->classify(seen);
  }
  return pending;
}

std::vector<Faces> FaceAnalyser::finish(const Batch& batch) {
  std::vector<Faces> all(batch.frames.size());
  for (const Pending& pending : batch.pending) {
    for (std::size_t i = 0; i < pending.found.size(); ++i) {
      const auto& [frame, index] = pending.found[i];
      const KeptFaces& kept = batch.kept[frame];
      if (index >= kept.total()) {
        continue;  // was expected, and is none
      }
      if (auto face = finish(kept.on_host.data()[index].face, pending, i)) {
        all[frame].push_back(*face);
      } else {
        ++left_out_;
      }
    }
  }
  for (const Faces& faces : all) {
    report(faces);
  }
  return all;
}

// None for one whose box is broken, or that has no similarity to what predictor, recognizer or classifier see.
std::optional<Face> FaceAnalyser::finish(const Candidate& found, const Pending& pending, std::size_t index) {
  const FacePoints& points = pending.points.data()[index];
  const core::BoundingBox& box = found.box;
  if (points.has == 0 || !std::isfinite(box.x1 + box.y1 + box.x2 + box.y2)) {
    return std::nullopt;
  }
  Face face;
  face.bounding_box = box;
  face.detector_score = static_cast<double>(found.score);
  face.landmarks = {.five = found.points,
                    .five_of_68 = points.five_of_68,
                    .sixty_eight = points.sixty_eight,
                    .sixty_eight_of_5 = points.sixty_eight_of_5};
  face.landmarker_score = points.score;
  face.angle = points.angle;
  if (pending.identities) {
    const auto embedding = pending.identities->value(index);
    if (!embedding) {
      return std::nullopt;
    }
    face.embedding = *embedding;
    face.embedding_norm = ops::normalised(face.embedding);
  }
  if (pending.classes) {
    const auto classes = pending.classes->value(index);
    if (!classes) {
      return std::nullopt;
    }
    face.age = classes->age;
    face.gender = classes->gender;
    face.race = classes->race;
  }
  return face;
}

}  // namespace facegraph::analysers
