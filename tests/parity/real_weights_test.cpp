// The analysing stage with real weights on real photographs against the reference's intermediates.
#include <gtest/gtest.h>

#include "analysers/face/face_analyser.hpp"
#include "analysers/selector/selector.hpp"
#include "golden_case.hpp"
#include "intermediates.hpp"
#include "media/image/image_file.hpp"
#include "recorder.hpp"
#include "support/npz.hpp"

namespace facegraph::test {
namespace {

struct RealCase {
  const char* golden;
  const char* photo;
  const char* detector;
  std::size_t faces;
};

const std::vector<std::pair<std::string, std::string>> kRealWeights{{"scrfd_2.5g", "scrfd_2.5g"},
                                                                    {"yunet_2023_mar", "face_detection_yunet_2023mar"},
                                                                    {"retinaface_10g", "retinaface_500m"},
                                                                    {"yoloface_8n", "yoloface_lite_t"},
                                                                    {"2dfan4", "2dfan_pfld"},
                                                                    {"peppa_wutz", "peppa_pfld"},
                                                                    {"arcface_w600k_r50", "w600k_mbf_f32"}};

class RealWeights : public testing::TestWithParam<RealCase> {};

TEST_P(RealWeights, EqualTheReference) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const RealCase& real = GetParam();
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, kRealWeights);
  runtime::InferencePool pool{{}};
  const models::Store store(workspace.model_folder());

  analysers::FaceAnalyserOptions options;
  options.detector.model = real.detector;
  const core::Image photo = media::read_image(shared / real.photo, media::ReadMode::kColour);
  Recorder recorder;
  {
    const core::ProbeScope scope(&recorder);
    analysers::FaceAnalyser analyser({pool, store, 0}, options);
    const core::Faces faces = analyser.analyse(photo);
    EXPECT_EQ(faces.size(), real.faces);
    analysers::SelectorOptions selector;
    selector.mode = analysers::SelectorMode::kMany;
    analysers::select_faces({}, {}, faces, selector);
  }
  // Boxes and points to 0.5 px, embeddings to a cosine of 0.999.
  const Allowance allowance{.pixels = 0.5, .grey = 3, .cosine = 0.999, .score = 0.01};
  const Npz golden(shared / "golden" / "real" / (std::string(real.golden) + ".npz"));
  for (const std::string& line : compare_intermediates(golden, recorder, nlohmann::json::object(), allowance)) {
    if (!line.starts_with("frame")) {  // drawn by a processor
      ADD_FAILURE() << line;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, RealWeights,
                         testing::Values(RealCase{"astronaut_scrfd", "media/astronaut.png", "scrfd", 1},
                                         RealCase{"astronaut_yolo_face", "media/astronaut.png", "yolo_face", 1},
                                         RealCase{"astronaut_retinaface", "media/astronaut.png", "retinaface", 1},
                                         RealCase{"astronaut_yunet", "media/astronaut.png", "yunet", 1},
                                         RealCase{"solvay_scrfd", "golden/photos/solvay_1500.jpg", "scrfd", 29},
                                         RealCase{"solvay_yunet", "golden/photos/solvay_1500.jpg", "yunet", 29}),
                         [](const auto& test) { return std::string(test.param.golden); });

}  // namespace
}  // namespace facegraph::test
