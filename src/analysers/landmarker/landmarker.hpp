// 68 points of a face. spec: analysis.md section 5.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysers/context.hpp"
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

  // What is on its way to the host: value() when the site was waited for.
  class Pending {
   public:
    Pending(const core::Affine& matrix, device::Values<float> output) : matrix_(matrix), output_(std::move(output)) {}
    core::Landmark68 value() const;

   private:
    core::Affine matrix_;  // frame -> what the network sees
    device::Values<float> output_;
  };
  // No value for five points that have no similarity to a face (all equal, not finite).
  std::optional<Pending> predict(const core::Landmark5& points);

 private:
  device::Site site_;
  runtime::Session session_;
};

struct LandmarkerResult {
  core::Landmark68 points;
  double score = 0;
};

class Landmarker {
 public:
  Landmarker(const Context& context, const LandmarkerOptions& options);

  // The crop that the networks see.
  struct Crop {
    core::Affine placement;  // frame -> crop, upright
    core::Affine turn;       // crop -> turned crop

    // As float32 points through matrices rounded to float32.
    core::Landmark68 to_frame(core::Landmark68 points) const;
  };
  // What is on its way to the host: value() when the site was waited for.
  class Pending {
   public:
    // No value where the reference has no points: peppa_wutz alone with a score below 0.2.
    std::optional<LandmarkerResult> value() const;

   private:
    friend class Landmarker;
    Crop crop_;
    device::Values<float> fan_;     // 68 points; empty: not wanted
    device::Values<float> maxima_;  // of each point's heat map
    device::Values<float> peppa_;   // 68 x (x, y, score); empty: not wanted
  };
  // The frame lies on the context's site.
  Pending detect(core::ConstImageView frame, const core::BoundingBox& box, int angle);

 private:
  device::Picture cut(Crop& crop, core::ConstImageView frame, const core::BoundingBox& box, int angle) const;
  void run(runtime::Session& session, core::ConstImageView picture) const;

  device::Site site_;
  ops::SiteTable table_;
  ops::ContrastTables contrast_;
  std::optional<runtime::Session> fan_;
  std::optional<runtime::Session> peppa_;
};

}  // namespace facegraph::analysers
