// What analysing a frame costs on a GPU, which is made of host memory here: every model works where the frame lies, and
// facts come back in small pieces.
#include <array>

#include <gtest/gtest.h>

#include "analysers/content/content_analyser.hpp"
#include "analysers/face/face_analyser.hpp"
#include "golden_case.hpp"
#include "media/image/image_file.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/npz.hpp"
#include "support/onnx_spoiler.hpp"

namespace facegraph::test {
namespace {

using analysers::FaceAnalyser;

class GpuAnalysis : public testing::Test {
 protected:
  void SetUp() override {
    FACEGRAPH_SHARED_OR_SKIP(shared);
    make_model_folder(workspace_.model_folder(), shared, {});
    store_.emplace(workspace_.model_folder());
    crowd_ = media::read_image(shared / "golden" / "photos" / "crowd.png", media::ReadMode::kColour);
  }
  analysers::Context on_host() { return {host_pool_, *store_}; }
  analysers::Context on_gpu() { return {gpu_pool_, *store_, 0, gpu_pool_.site(0)}; }

  void forget_models() { gpu_pool_.release_idle(); }

  Workspace workspace_;
  device::FakeGpu gpu_;
  core::Image crowd_;

 private:
  std::optional<models::Store> store_;
  runtime::InferencePool host_pool_{runtime::ExecutionOptions{}};
  runtime::InferencePool gpu_pool_{runtime::ExecutionOptions{.providers = {"cuda"}},
                                   runtime::host_backend(gpu_, workspace_.out() / "graphs.json")};
};

void expect_equal(const core::Faces& found, const core::Faces& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(found[i].bounding_box.x1, expected[i].bounding_box.x1) << i;
    EXPECT_EQ(found[i].bounding_box.y2, expected[i].bounding_box.y2) << i;
    EXPECT_EQ(found[i].detector_score, expected[i].detector_score) << i;
    EXPECT_EQ(found[i].landmarker_score, expected[i].landmarker_score) << i;
    EXPECT_EQ(found[i].landmarks.five_of_68, expected[i].landmarks.five_of_68) << i;
    EXPECT_EQ(found[i].landmarks.sixty_eight, expected[i].landmarks.sixty_eight) << i;
    EXPECT_EQ(found[i].landmarks.sixty_eight_of_5, expected[i].landmarks.sixty_eight_of_5) << i;
    EXPECT_EQ(found[i].angle, expected[i].angle) << i;
    EXPECT_EQ(found[i].embedding_norm, expected[i].embedding_norm) << i;
    EXPECT_EQ(found[i].age, expected[i].age) << i;
    EXPECT_EQ(found[i].gender, expected[i].gender) << i;
    EXPECT_EQ(found[i].race, expected[i].race) << i;
  }
}

TEST_F(GpuAnalysis, FacesAreTheHosts) {
  for (const std::string model : {"yolo_face", "many", "yunet"}) {
    analysers::FaceAnalyserOptions options;
    options.detector.model = model;
    options.detector.angles = {0, 90};
    options.landmarker.model = model == "many" ? "many" : "2dfan4";
    const core::Faces expected = FaceAnalyser(on_host(), options).analyse(crowd_);
    EXPECT_GT(expected.size(), 2U);
    expect_equal(FaceAnalyser(on_gpu(), options).analyse(crowd_), expected);
  }
}

// The host waits once for a frame that has no more faces than the one before; for one that has more, it waits for where
// they are first. Candidates and heat maps would be megabytes.
TEST_F(GpuAnalysis, AFrameGoesUpOnceAndFactsComeBackTogether) {
  FaceAnalyser analyser(on_gpu(), {});
  const core::Image nobody = core::Image::zeros(320, 240, 3);
  analyser.analyse(crowd_);  // each model waits in its first run
  analyser.analyse(nobody);
  for (const int waits : {2, 1}) {
    const std::int64_t before = gpu_.counters.waits;
    analyser.analyse(crowd_);
    EXPECT_EQ(gpu_.counters.waits, before + waits);
  }
  for (const core::Image* frame : std::array<const core::Image*, 2>{&crowd_, &nobody}) {
    analyser.analyse(*frame);
    const std::int64_t allocations = gpu_.counters.allocations;
    const std::int64_t waits = gpu_.counters.waits;
    const std::int64_t uploaded = gpu_.uploaded;
    const std::int64_t downloaded = gpu_.downloaded;
    const auto faces = static_cast<std::int64_t>(analyser.analyse(*frame).size());
    EXPECT_EQ(faces > 2, frame == &crowd_);
    EXPECT_EQ(gpu_.counters.allocations, allocations);
    EXPECT_EQ(gpu_.counters.waits, waits + 1);
    EXPECT_LT(gpu_.uploaded - uploaded, static_cast<std::int64_t>(frame->bytes()) + 16 + 512 * faces);
    EXPECT_LT(gpu_.downloaded - downloaded, 64 * 128 + 16 + 4500 * faces);
  }
}

TEST_F(GpuAnalysis, TheContentGateJudgesAsOnTheHost) {
  analysers::ContentAnalyser on_gpu_gate(on_gpu());
  analysers::ContentAnalyser on_host_gate(on_host());
  const core::Image flagged = media::read_image(*shared_folder() / "golden" / "photos" / "magenta.png",
                                                media::ReadMode::kColour);  // as its stand-in models see it
  EXPECT_TRUE(on_host_gate.analyse(flagged));
  EXPECT_TRUE(on_gpu_gate.analyse(flagged));
  EXPECT_FALSE(on_host_gate.analyse(crowd_));
  EXPECT_FALSE(on_gpu_gate.analyse(crowd_));
  const std::int64_t waits = gpu_.counters.waits;
  const std::int64_t downloaded = gpu_.downloaded;
  on_gpu_gate.analyse(crowd_);
  EXPECT_EQ(gpu_.counters.waits, waits + 1);
  EXPECT_LT(gpu_.downloaded, downloaded + 64);
}

TEST_F(GpuAnalysis, AModelThatGivesNoNumbersIsNamed) {
  for (const std::string name : {"yoloface_8n", "fan_68_5", "2dfan4", "arcface_w600k_r50"}) {
    const std::filesystem::path model = workspace_.model_folder() / (name + ".onnx");
    const std::filesystem::path whole = std::filesystem::read_symlink(model);
    std::filesystem::remove(model);
    spoil_model(whole, model, std::nanf(""));
    forget_models();
    try {
      FaceAnalyser(on_gpu(), {}).analyse(crowd_);
      ADD_FAILURE() << name;
    } catch (const runtime::NotFinite& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    std::filesystem::remove(model);
    std::filesystem::create_symlink(whole, model);
  }
}

}  // namespace
}  // namespace facegraph::test
