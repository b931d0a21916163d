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
  // host waits as often as for one: twice, or once where no frame has more faces than the last one had. NotFinite is
  // thrown where it would be for one of them.
  std::vector<core::Faces> analyse_on_site(std::span<const core::ConstImageView> frames);

 private:
  // A face in the list of those that were kept of a frame.
  struct Found {
    std::size_t frame = 0;
    std::size_t index = 0;
  };
  // Faces on their way through the networks and to the host.
  struct Pending {
    std::vector<Found> found;
    device::Values<FacePoints> points;
    std::optional<Recognizer::Pending> identities;
    std::optional<Classifier::Pending> classes;
  };
  // Frames that are analysed together.
  struct Batch {
    std::span<const core::ConstImageView> frames;
    std::vector<Candidates> candidates;
    std::vector<KeptFaces> kept;     // of each
    std::vector<std::size_t> begun;  // of each: how many of its faces
    std::vector<Pending> pending;
  };
  Batch detect(std::span<const core::ConstImageView> frames);
  KeptFaces keep(const Candidates& candidates, std::size_t room) const;
  bool begin_others(Batch& batch);
  void begin(Batch& batch, std::span<const std::size_t> counts);
  Pending begin_some(const Batch& batch, std::span<const Found> found);
  void wait() const;
  std::vector<core::Faces> finish(const Batch& batch);
  static std::optional<core::Face> finish(const Candidate& found, const Pending& pending, std::size_t index);

  Context context_;
  FaceAnalyserOptions options_;
  Detector detector_;
  LandmarkPredictor predictor_;
  std::optional<Landmarker> landmarker_;  // none when its score is 0
  std::optional<Recognizer> recognizer_;  // as wanted
  std::optional<Classifier> classifier_;
  std::size_t expected_ = 0;  // faces of a frame, as the last one had; begun before it is known where they are
  std::int64_t left_out_ = 0;
};

}  // namespace facegraph::analysers
