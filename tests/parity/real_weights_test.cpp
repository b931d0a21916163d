// Small real weights on real photographs: the program as a user runs it, against the reference's intermediates.
#include <cstdlib>

#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "golden_case.hpp"
#include "intermediates.hpp"
#include "media/image/image_file.hpp"
#include "pictures.hpp"
#include "recorder.hpp"
#include "support/npz.hpp"

namespace facegraph::test {
namespace {

using Words = std::vector<std::string>;

const Words kMarks{"bounding-box", "face-landmark-5", "face-landmark-68"};

struct RealCase {
  const char* golden;
  const char* photo;
  const char* drawn;  // the reference's picture, where it was kept
  std::size_t faces;
  Words items;
  Words options;
};

// As a failing test names it.
void PrintTo(const RealCase& real, std::ostream* out) {
  *out << real.golden;
}

const std::vector<RealCase> kCases{
    {"astronaut_scrfd", "media/astronaut.png", "astronaut_scrfd.png", 1, kMarks, {"--face-detector-model", "scrfd"}},
    {"astronaut_yolo_face", "media/astronaut.png", "", 1, kMarks, {"--face-detector-model", "yolo_face"}},
    {"astronaut_retinaface", "media/astronaut.png", "", 1, kMarks, {"--face-detector-model", "retinaface"}},
    {"astronaut_yunet", "media/astronaut.png", "", 1, kMarks, {"--face-detector-model", "yunet"}},
    {"astronaut_peppa",
     "media/astronaut.png",
     "",
     1,
     kMarks,
     {"--face-detector-model", "scrfd", "--face-landmarker-model", "peppa_wutz"}},
    {"astronaut_masks",
     "media/astronaut.png",
     "astronaut_masks.png",
     1,
     {"face-mask"},
     {"--face-detector-model", "scrfd", "--face-mask-types", "box", "occlusion", "region"}},
    {"solvay_scrfd", "golden/photos/solvay_1500.jpg", "", 29, kMarks, {"--face-detector-model", "scrfd"}},
    {"solvay_yunet", "golden/photos/solvay_1500.jpg", "", 29, kMarks, {"--face-detector-model", "yunet"}}};

const std::vector<std::pair<std::string, std::string>> kRealWeights{{"scrfd_2.5g", "scrfd_2.5g"},
                                                                    {"yunet_2023_mar", "face_detection_yunet_2023mar"},
                                                                    {"retinaface_10g", "retinaface_500m"},
                                                                    {"yoloface_8n", "yoloface_lite_t"},
                                                                    {"2dfan4", "2dfan_pfld"},
                                                                    {"peppa_wutz", "peppa_pfld"},
                                                                    {"arcface_w600k_r50", "w600k_mbf_f32"},
                                                                    {"bisenet_resnet_34", "bisenet_unet_small"},
                                                                    {"xseg_1", "xseg_selfie"}};

class RealWeights : public testing::TestWithParam<RealCase> {};

TEST_P(RealWeights, EqualTheReference) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const RealCase& real = GetParam();
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, kRealWeights);
  workspace.use_models(workspace.model_folder());
  const std::filesystem::path photo = shared / real.photo;
  const std::filesystem::path output = workspace.out() / photo.filename();

  const std::string jobs = workspace.out().parent_path() / "jobs";
  Words words{"headless-run", "--jobs-path", jobs,           "--processors", "face_debugger", "--face-selector-mode",
              "many",         "-t",          photo.string(), "-o",           output.string(), "--face-debugger-items"};
  words.insert(words.end(), real.items.begin(), real.items.end());
  words.insert(words.end(), real.options.begin(), real.options.end());
  Recorder recorder;
  {
    const core::ProbeScope scope(&recorder);
    ASSERT_EQ(app::run_command_line(words), 0);
  }
  ASSERT_EQ(recorder.numbers_of("select_boxes").size(), 1U);
  EXPECT_EQ(recorder.numbers_of("select_boxes").front().size(), 4 * real.faces);

  const std::filesystem::path golden = shared / "golden" / "real";
  // Boxes and points to 0.5 px, embeddings to a cosine of 0.999. Of a JPEG the reference draws on a second generation.
  // On another provider points move within their half pixel, and crops and masks with them: masks to a mean of 0.5/255.
  const bool elsewhere = std::getenv("FACEGRAPH_PARITY_ARGUMENTS") != nullptr;
  const double grey = photo.extension() == ".jpg" || elsewhere ? 8 : 4;
  Allowance allowance{.pixels = 0.5, .grey = grey, .drawn = 0.0003, .cosine = 0.999, .score = 0.01};
  if (elsewhere) {
    allowance.mask_mean = 0.5 / 255;
  }
  for (const std::string& line : compare_intermediates(Npz(golden / (std::string(real.golden) + ".npz")), recorder,
                                                       nlohmann::json::object(), allowance)) {
    ADD_FAILURE() << line;
  }
  if (*real.drawn != 0) {
    expect_picture(media::read_image(output, media::ReadMode::kAlpha), golden / real.drawn,
                   {{"psnr_min", 38}, {"over2_max", 0.0003}}, real.golden);
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, RealWeights, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.golden); });

struct Detector {
  const char* model;
  const char* size;
};

void PrintTo(const Detector& detector, std::ostream* out) {
  *out << detector.model;
}

class RealWeightsOnCrops : public testing::TestWithParam<Detector> {};

// spec: application.md 11.13: a portrait and its crops to 80, 70 and 60 percent around the middle, one face in each.
TEST_P(RealWeightsOnCrops, FindOneFace) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, kRealWeights);
  workspace.use_models(workspace.model_folder());
  const core::Image photo = media::read_image(shared / "media" / "astronaut.png", media::ReadMode::kColour);
  constexpr core::Size kMiddle{225, 128};  // of the face
  for (const int percent : {100, 80, 70, 60}) {
    const int side = 256 * percent / 100;
    const std::filesystem::path target = workspace.out() / "crop.png";
    media::write_image(target, photo.view().crop(kMiddle.width - side / 2, kMiddle.height - side / 2, side, side), 100);
    const std::filesystem::path output = workspace.out() / "drawn.png";
    const std::string jobs = workspace.out().parent_path() / "jobs";
    Recorder recorder;
    {
      const core::ProbeScope scope(&recorder);
      ASSERT_EQ(app::run_command_line({"headless-run", "--jobs-path", jobs, "--processors", "face_debugger",
                                       "--face-selector-mode", "many", "-t", target.string(), "-o", output.string(),
                                       "--face-detector-model", GetParam().model, "--face-detector-size",
                                       GetParam().size, "--face-detector-score", "0.5"}),
                0);
    }
    std::filesystem::remove(output);
    ASSERT_EQ(recorder.numbers_of("select_boxes").size(), 1U) << percent;
    EXPECT_EQ(recorder.numbers_of("select_boxes").front().size(), 4U) << percent;
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, RealWeightsOnCrops,
                         testing::Values(Detector{"retinaface", "320x320"}, Detector{"scrfd", "320x320"},
                                         Detector{"yolo_face", "640x640"}, Detector{"yunet", "640x640"}),
                         [](const auto& test) { return std::string(test.param.model); });

}  // namespace
}  // namespace facegraph::test
