// 68 points of a face. spec: analysis.md section 5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "analysers/landmarker/landmark_programs.hpp"
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

// 68 points predicted from five by fan_68_5 or the embedded network of its contract. spec: analysis.md 5.1
class LandmarkPredictor {
 public:
  explicit LandmarkPredictor(const Context& context, const LandmarkerOptions& options = {});

  // Sets all of *out, which lies on the site; on a GPU the host does not wait. False for five points that have no
  // similarity to a face (all equal, not finite).
  bool predict(FacePoints* out, const core::Landmark5& points);

 private:
  device::Site site_;
  runtime::Session session_;
  LandmarkTurns turns_;
};

class Landmarker {
 public:
  Landmarker(const Context& context, const LandmarkerOptions& options);

  // Finds the points of a predicted face, which lies on the site as the frame does; on a GPU the host does not wait.
  // The prediction stays where the reference has no points: peppa_wutz alone with a score below 0.2.
  void refine(FacePoints* points, core::ConstImageView frame, const core::BoundingBox& box);

 private:
  device::Picture cut(core::ConstImageView frame, const core::Affine& placement, const FacePoints& points) const;
  void run(runtime::Session& session, core::ConstImageView picture) const;

  device::Site site_;
  double threshold_;
  ops::SiteTable table_;
  ops::ContrastTables contrast_;
  std::optional<runtime::Session> fan_;
  std::optional<runtime::Session> peppa_;
};

}  // namespace facegraph::analysers
