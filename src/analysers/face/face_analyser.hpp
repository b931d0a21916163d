// From a frame to its faces: composes detector, landmarker, recognizer and classifier. spec: analysis.md section 7.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysers/classifier/classifier.hpp"
#include "analysers/context.hpp"
#include "analysers/detector/detector.hpp"
#include "analysers/landmarker/landmarker.hpp"
#include "analysers/recognizer/recognizer.hpp"
#include "core/options/option.hpp"
#include "core/types/face.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::analysers {

struct FaceAnalyserOptions {
  DetectorOptions detector;
  LandmarkerOptions landmarker;
  models::ModelSet model_set = models::ModelSet::kOfficial;  // decides recognizer and classifier

  static FaceAnalyserOptions from(const core::OptionValues& values);
};

// What is wanted of each face beyond box and landmarks. A probe makes it all: who looks at a run sees the reference's
// facts.
struct FaceFacts {
  bool embedding = true;
  bool classes = true;  // age, gender, race
};

std::vector<models::ModelFile> face_analyser_models(const FaceAnalyserOptions& options);

class FaceAnalyser {
 public:
  FaceAnalyser(const Context& context, const FaceAnalyserOptions& options, FaceFacts facts = {});
  ~FaceAnalyser();
  FaceAnalyser(const FaceAnalyser&) = delete;
  FaceAnalyser& operator=(const FaceAnalyser&) = delete;

  // All faces of a u8 BGR frame on the host, best detector score first. A detector score of 0 finds none (as the
  // reference). A face that a model gives a broken box or points for is left out; how many were is warned of at the
  // end. Throws runtime::NotFinite where a model gives NaN or infinity.
  core::Faces analyse(core::ConstImageView frame);
  // Of one that lies on the context's site.
  core::Faces analyse_on_site(core::ConstImageView frame);
  // Of several, each with the faces that it has alone: models run on several at once where they can, and on a GPU the
  // host waits as often as for one. NotFinite is thrown where it would be for one of them.
  std::vector<core::Faces> analyse_on_site(std::span<const core::ConstImageView> frames);

 private:
  // The faces of all frames, one frame after the other; the lists are parallel.
  struct Found {
    std::vector<std::size_t> frames;  // of which each is
    std::vector<core::Face> faces;    // boxes, five points and scores
    std::vector<FoundFace> on_site;
  };
  // Of some of them, on its way to the host.
  struct Pending {
    device::Values<FacePoints> points;
    std::optional<Recognizer::Pending> identities;
    std::optional<Classifier::Pending> classes;
  };
  Found detect(std::span<const core::ConstImageView> frames);
  Pending begin(std::span<const FoundFace> faces);
  static bool finish(core::Face& face, const Pending& pending, std::size_t index);

  Context context_;
  FaceAnalyserOptions options_;
  Detector detector_;
  LandmarkPredictor predictor_;
  std::optional<Landmarker> landmarker_;  // none when its score is 0
  std::optional<Recognizer> recognizer_;  // as wanted
  std::optional<Classifier> classifier_;
  std::int64_t left_out_ = 0;
};

}  // namespace facegraph::analysers
