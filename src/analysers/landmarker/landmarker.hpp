// 68 points of a face. spec: analysis.md section 5.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "analysers/landmarker/landmark_programs.hpp"
#include "analysers/shared/runs.hpp"
#include "core/options/option.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/site/inputs.hpp"

namespace facegraph::analysers {

struct LandmarkerOptions {
  std::string model = "2dfan4";  // or many, peppa_wutz; of the embedded set many, embedded_landmarker, _2
  double score = 0.5;            // 0: the landmarker is off
  models::ModelSet model_set = models::ModelSet::kOfficial;

  static LandmarkerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& landmarker_options();
std::vector<models::ModelFile> landmarker_models(const LandmarkerOptions& options);

// A face that was found on a frame; both lie on the site, and what was found may be known there only.
struct FoundFace {
  core::ConstImageView frame;
  const Candidate* face = nullptr;
};

// 68 points predicted from five by fan_68_5 or the embedded network of its contract. spec: analysis.md 5.1
class LandmarkPredictor {
 public:
  explicit LandmarkPredictor(const Context& context, const LandmarkerOptions& options = {});

  // Sets all of out[i], which lie on the site, for each face; on a GPU the host does not wait. Of a face whose five
  // points have no similarity to a face (all equal, not finite) only that it has none.
  void predict(FacePoints* out, std::span<const FoundFace> faces);

 private:
  device::Site site_;
  runtime::BatchedSession sessions_;
  LandmarkTurns turns_;
};

class Landmarker {
 public:
  Landmarker(const Context& context, const LandmarkerOptions& options);

  // Finds the points of predicted faces, which lie on the site as the frames do; on a GPU the host does not wait. The
  // prediction stays where the reference has no points: peppa_wutz alone with a score below 0.2.
  void refine(FacePoints* points, std::span<const FoundFace> faces);

 private:
  device::Picture cut(const FoundFace& face, const FacePoints& points) const;
  // On the pictures that the session takes.
  void run(runtime::Session& session, const device::Picture* pictures) const;
  void take(FacePoints& points, TakeLandmarks found) const;

  device::Site site_;
  double threshold_;
  ops::SiteTable table_;
  ops::ContrastTables contrast_;
  std::optional<runtime::BatchedSession> fan_;
  std::optional<runtime::BatchedSession> peppa_;
};

}  // namespace facegraph::analysers
