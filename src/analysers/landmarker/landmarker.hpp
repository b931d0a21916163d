// 68 points of a face. spec: analysis.md section 5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysers/context.hpp"
#include "core/options/option.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

struct LandmarkerOptions {
  std::string model = "2dfan4";  // or many, peppa_wutz, embedded_landmarker
  double score = 0.5;            // 0: the landmarker is off

  static LandmarkerOptions from(const core::OptionValues& values);
};

const std::vector<core::Option>& landmarker_options();
std::vector<models::ModelFile> landmarker_models(const LandmarkerOptions& options);

// 68 points predicted from five by fan_68_5 or the embedded network of its contract. spec: analysis.md 5.1
class LandmarkPredictor {
 public:
  explicit LandmarkPredictor(const Context& context, const LandmarkerOptions& options = {});
  // No value for five points that have no similarity to a face (all equal, not finite).
  std::optional<core::Landmark68> predict(const core::Landmark5& points);

 private:
  runtime::Session session_;
};

struct LandmarkerResult {
  core::Landmark68 points;
  double score = 0;
};

class Landmarker {
 public:
  Landmarker(const Context& context, const LandmarkerOptions& options);
  // No value where the reference has no points: peppa_wutz alone with a score below 0.2.
  std::optional<LandmarkerResult> detect(core::ConstImageView frame, const core::BoundingBox& box, int angle);

 private:
  ops::ValueTable table_;
  std::optional<runtime::Session> fan_;
  std::optional<runtime::Session> peppa_;
};

}  // namespace facegraph::analysers
