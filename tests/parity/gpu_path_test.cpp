// The reference's cases on the path of a GPU, which is made of host memory here: what a GPU does with frames and
// models, but for its kernels' own execution.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "app/cli/command_line.hpp"
#include "golden_case.hpp"
#include "grey_clip.hpp"
#include "intermediates.hpp"
#include "media/decode/frame_source.hpp"
#include "media/image/image_file.hpp"
#include "media/probe/probe.hpp"
#include "models/store/store.hpp"
#include "pictures.hpp"
#include "recorder.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "support/npz.hpp"
#include "support/onnx_spoiler.hpp"
#include "support/onnx_writer.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

class GpuPath : public testing::TestWithParam<const char*> {};

TEST_P(GpuPath, EqualsTheReference) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const nlohmann::json golden = golden_case(shared, GetParam());
  const fs::path base = shared / "golden";
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, weights_of(golden));
  workspace.use_models(workspace.model_folder());
  std::vector<std::string> line = arguments(golden, base, workspace.out());
  line.insert(line.end(), {"--execution-providers", "cuda"});

  device::FakeGpu gpu;
  const std::size_t free = gpu.memory().free;
  Recorder recorder;
  {
    const fs::path records = workspace.model_folder().parent_path() / "graphs.json";
    const runtime::BackendScope backend(runtime::host_backend(gpu, records));
    const core::ProbeScope scope(&recorder);
    ASSERT_EQ(app::run_command_line(line), 0);
  }
  EXPECT_GT(gpu.counters.allocations, 0) << "nothing ran on the GPU";
  EXPECT_EQ(gpu.memory().free, free) << "device memory was not given back";
  if (!golden["golden"].is_null()) {  // of some cases only the intermediates were kept
    expect_picture(media::read_image(workspace.out() / golden["output"].get<std::string>(), media::ReadMode::kAlpha),
                   base / golden["golden"].get<std::string>(), golden["tolerance"], GetParam());
  }
  const Npz intermediates(base / golden["intermediates"].get<std::string>());
  for (const std::string& difference :
       compare_intermediates(intermediates, recorder, golden["intermediate_sensitivity"])) {
    ADD_FAILURE() << difference;
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, GpuPath,
                         testing::Values("swap_inswapper_128", "swap_inswapper_boost256_occlusion", "swap_simswap_256",
                                         "frame_span_kendata_x4", "frame_real_esrgan_x2", "frame_real_esrgan_x2_fp16",
                                         "frame_web_photo_x4_finalize", "color_ddcolor", "color_deoldify_stable",
                                         "background_modnet", "background_modnet_fill", "background_u2net_cloth",
                                         "background_corridor_despill", "background_isnet", "enhance_gfpgan_1.4",
                                         "enhance_codeformer_w03", "enhance_gpen_bfr_256", "enhance_gpen_bfr_1024",
                                         "age_styleganex_50", "age_fran_-40", "deep_elon_musk_224",
                                         "deep_jackie_chan_224_morph40", "lip_wav2lip_gan_image", "lip_edtalk_image",
                                         "restore_expression", "edit_defaults", "edit_eyes_smile",
                                         "chain_swap_enhance_frame", "chain_frame_then_swap"),
                         [](const auto& test) { return case_name(test.param); });

INSTANTIATE_TEST_SUITE_P(Analysis, GpuPath,
                         testing::Values("debug_all", "debug_retinaface_320", "debug_scrfd_angles",
                                         "debug_yunet_margin", "debug_many_many", "debug_peppa", "debug_landmarker_off",
                                         "debug_dark_clahe", "debug_xseg_many_bisenet18", "select_one_left-right",
                                         "select_one_best-worst", "select_reference_2", "select_gender_female",
                                         "select_age", "swap_real_scrfd"),
                         [](const auto& test) { return case_name(test.param); });

// What a run takes of a GPU does not depend on the number of frames. A lane ends a frame when it has begun the next, or
// before, if it finds none waiting: so the last of what two frames need may be taken late.
class GpuPathVideos : public testing::TestWithParam<const char*> {};

TEST_P(GpuPathVideos, ThatAreLongerAllocateNoMore) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), shared, {});
  workspace.use_models(workspace.model_folder());
  std::vector<std::int64_t> allocations;
  for (const int frames : {4, 24}) {
    device::FakeGpu gpu;
    const runtime::BackendScope backend(
        runtime::host_backend(gpu, workspace.out() / fmt::format("graphs-{}.json", frames)));
    std::vector<std::string> line{"headless-run", "--processors", "frame_colorizer", "background_remover",
                                  "frame_enhancer"};
    line.insert(line.end(), {"--frame-enhancer-model", "real_esrgan_x2", "--execution-providers", "cuda"});
    line.insert(line.end(), {"--execution-thread-count", "1", "--log-level", "error"});
    line.insert(line.end(), {"-t", (shared / "golden/photos/clip.mp4").string()});
    line.insert(line.end(), {"-o", (workspace.out() / fmt::format("{}.mp4", frames)).string()});
    line.insert(line.end(), {"--trim-frame-end", std::to_string(frames), "--output-video-preset", "ultrafast"});
    line.insert(line.end(), {"--output-video-scale", GetParam()});
    ASSERT_EQ(app::run_command_line(line), 0);
    allocations.push_back(gpu.counters.allocations);
  }
  EXPECT_NEAR(static_cast<double>(allocations[0]), static_cast<double>(allocations[1]), 4);
}

// Frames come back as BGR, and as the encoder's planes.
INSTANTIATE_TEST_SUITE_P(Outputs, GpuPathVideos, testing::Values("1.0", "2.0"),
                         [](const auto& test) { return case_name(test.param); });

class GpuPathFrames : public testing::Test {
 protected:
  void SetUp() override {
    FACEGRAPH_SHARED_OR_SKIP(shared);
    make_model_folder(workspace_.model_folder(), shared, {});
    workspace_.use_models(workspace_.model_folder());
  }
  // The frames of the clip as a job leaves them, encoded without loss.
  std::vector<core::Image> frames_of(const std::vector<std::string>& job, const std::string& provider,
                                     const std::vector<std::string>& options = {}) {
    const fs::path output = workspace_.out() / fmt::format("{}.mp4", ++runs_);
    std::vector<std::string> line{"headless-run", "-t", target_.string(), "-o", output.string()};
    line.insert(line.end(), {"--execution-providers", provider, "--log-level", "error"});
    line.insert(line.end(), {"--output-video-quality", "100", "--output-video-preset", "ultrafast"});
    line.insert(line.end(), job.begin(), job.end());
    line.insert(line.end(), options.begin(), options.end());
    device::FakeGpu gpu;
    const runtime::BackendScope backend(runtime::host_backend(gpu, workspace_.out() / "graphs.json", true));
    EXPECT_EQ(app::run_command_line(line), 0);
    std::vector<core::Image> frames;
    const auto source = media::open_video(output, {});
    times_.clear();
    while (auto frame = source->read()) {
      frames.push_back(std::move(frame->image));
      times_.push_back(frame->time);
    }
    return frames;
  }
  static void expect_equal(const std::vector<core::Image>& found, const std::vector<core::Image>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].bytes(), expected[i].bytes());
      EXPECT_EQ(std::memcmp(found[i].view().data, expected[i].view().data, found[i].bytes()), 0) << "frame " << i;
    }
  }

  const fs::path photos_ = shared_folder().value_or("") / "golden" / "photos";
  // In place of the stand-in of that name.
  void replace_model(const std::string& name, const std::function<void(const fs::path& file)>& write) {
    const fs::path model = workspace_.model_folder() / (name + ".onnx");
    const fs::path hash = workspace_.model_folder() / (name + ".hash");
    fs::remove(model);
    fs::remove(hash);
    write(model);
    std::ofstream(hash) << fmt::format("{:08x}", models::file_crc32(model));
  }

  const std::vector<std::string> swap_{
      "--processors", "face_swapper", "--face-swapper-model",          "inswapper_128", "--face-selector-mode",
      "many",         "-s",           (photos_ / "astro.jpg").string()};
  const std::vector<std::string> nothing_{"--processors", "face_debugger", "--face-detector-score", "1.0"};
  fs::path target_ = photos_ / "clip.mp4";
  Workspace workspace_;
  int runs_ = 0;
  std::vector<double> times_;  // of the frames of the last run
};

// A lane ends a frame after it has begun another.
TEST_F(GpuPathFrames, AreTheHostsInTheirOrder) {
  const std::vector<core::Image> expected = frames_of(swap_, "cpu");
  EXPECT_GT(expected.size(), 10U);
  for (const std::string lanes : {"1", "2"}) {
    expect_equal(frames_of(swap_, "cuda", {"--execution-thread-count", lanes}), expected);
    expect_equal(frames_of(swap_, "cuda", {"--execution-thread-count", lanes, "--execution-batch-frames", "4"}),
                 expected);
  }
  expect_equal(frames_of(swap_, "cuda", {"--workflow-strategy", "disk"}),
               frames_of(swap_, "cpu", {"--workflow-strategy", "disk"}));
}

TEST_F(GpuPathFrames, PassUnchangedWhereAModelGivesNoNumbers) {
  const std::vector<core::Image> expected = frames_of(nothing_, "cpu");
  const fs::path report = workspace_.out() / "report.json";
  const fs::path whole = fs::read_symlink(workspace_.model_folder() / "inswapper_128.onnx");
  replace_model("inswapper_128", [&](const fs::path& model) { spoil_model(whole, model, std::nanf("")); });
  for (const std::string together : {"1", "4"}) {
    expect_equal(frames_of(swap_, "cuda", {"--report", report.string(), "--execution-batch-frames", together}),
                 expected);
    EXPECT_EQ(nlohmann::json::parse(std::ifstream(report))["run"]["frames_unchanged"], expected.size());
  }
}

// A root has no value for black; it stands in a group with three others.
TEST_F(GpuPathFrames, OfAGroupOnlyThosePassUnchangedThatHaveTo) {
  target_ = workspace_.out() / "target.mp4";
  write_grey_clip(target_, 11, 100, [](int i) { return i == 5 ? 0 : 90 + 10 * i; });  // the sixth is black
  replace_model("modnet", [](const fs::path& model) {
    const OnnxInitializer nearly_one = constant("nearly_one", {1}, {0.9F});
    const auto whole = [](const char* name, std::int64_t value) {
      return OnnxInitializer{
          .name = name, .dims = {1}, .type = OnnxType::kInt64, .raw = raw_bytes<std::int64_t>({value})};
    };
    OnnxModel{{{"input", {"batch", 3, 512, 512}}},
              {{"output", {"batch", 1, 512, 512}}},
              {{"Slice", {"input", "zero", "one", "one"}, {"plane"}},
               {"Add", {"plane", "nearly_one"}, {"above"}},
               {"Sqrt", {"above"}, {"output"}}},
              {whole("zero", 0), whole("one", 1), nearly_one}}
        .write(model);
  });
  const std::vector<std::string> job{"--processors", "background_remover", "--background-remover-model", "modnet"};
  const fs::path report = workspace_.out() / "report.json";
  const std::vector<core::Image> expected = frames_of(job, "cpu");
  EXPECT_EQ(expected.size(), 11U);
  for (const std::string together : {"1", "4"}) {
    expect_equal(frames_of(job, "cuda",
                           {"--report", report.string(), "--execution-batch-frames", together, "--cuda-graph", "on"}),
                 expected);
    const auto run = nlohmann::json::parse(std::ifstream(report));
    EXPECT_EQ(run["run"]["frames_unchanged"], 1);
    const auto is_of_four = [](const auto& graph) { return graph["inputs"] == "input 4x3x512x512"; };
    EXPECT_EQ(std::any_of(run["graphs"].begin(), run["graphs"].end(), is_of_four), together == "4") << run["graphs"];
  }
}

// The film ends with a group of two.
TEST_F(GpuPathFrames, TheLastOfAFilmNeedNoModelForOneFrame) {
  target_ = workspace_.out() / "target.mp4";
  write_grey_clip(target_, 10, 100, [](int i) { return 90 + 10 * i; });
  const std::vector<std::string> job{"--processors", "background_remover", "--background-remover-model", "modnet"};
  const fs::path report = workspace_.out() / "report.json";
  const std::vector<core::Image> expected = frames_of(job, "cpu");
  for (const char* state : {"captured", "cold"}) {  // the first start compares
    expect_equal(frames_of(job, "cuda",
                           {"--report", report.string(), "--execution-batch-frames", "4", "--cuda-graph", "on",
                            "--execution-thread-count", "1"}),
                 expected);
    const auto run = nlohmann::json::parse(std::ifstream(report));
    EXPECT_EQ(run["run"]["frames"], 10);
    for (const auto& graph : run["graphs"]) {
      if (graph["inputs"] == "input 1x3x512x512") {
        EXPECT_EQ(graph["state"], state);
      }
      if (graph["inputs"] == "input 4x3x512x512") {
        EXPECT_EQ(graph["runs"], state == std::string("captured") ? 5 : 3);
      }
    }
  }
}

// They leave the GPU as the encoder's planes where they have its size and no alpha, else as BGR.
TEST_F(GpuPathFrames, AreTheHostsAsPlanesAndAsPictures) {
  const std::vector<std::string> enlarge{"--processors", "frame_enhancer", "--frame-enhancer-model", "real_esrgan_x2"};
  const std::vector<std::string> remove{"--processors", "background_remover", "--background-remover-model", "modnet"};
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> jobs{
      {enlarge, {"--output-video-scale", "2.0"}},
      {enlarge, {}},
      {remove, {}},
      {remove, {"--temp-pixel-format", "bgra"}},
      {remove, {"--output-video-encoder", "libx264rgb"}}};
  for (auto [job, options] : jobs) {
    options.insert(options.end(), {"--trim-frame-end", "5"});
    const std::vector<core::Image> expected = frames_of(job, "cpu", options);
    const std::vector<double> times = times_;
    ASSERT_EQ(expected.size(), 5U);
    expect_equal(frames_of(job, "cuda", options), expected);
    EXPECT_EQ(times_, times);
  }
}

struct Traffic {
  std::int64_t uploaded = 0;  // bytes
  std::int64_t downloaded = 0;
  std::int64_t waits = 0;
};

// Of the case's job on its first frames, with more options, and of what follows its processor.
Traffic traffic_of(const nlohmann::json& golden, const fs::path& folder, int frames,
                   const std::vector<std::string>& more, const std::string& next = "") {
  const Workspace workspace;
  const fs::path base = fs::absolute(folder);
  make_model_folder(workspace.model_folder(), base.parent_path(), {});
  workspace.use_models(workspace.model_folder());
  const InFolder working(workspace.out());  // rewritten models are kept there
  std::vector<std::string> line = arguments(golden, base, workspace.out());
  line.insert(line.end(), {"--execution-providers", "cuda", "--trim-frame-end", std::to_string(frames)});
  if (!next.empty()) {
    line.insert(std::find(line.begin(), line.end(), "face_swapper") + 1, next);
  }
  line.insert(line.end(), more.begin(), more.end());
  device::FakeGpu gpu;
  const runtime::BackendScope backend(
      runtime::host_backend(gpu, workspace.model_folder().parent_path() / "graphs.json"));
  EXPECT_EQ(app::run_command_line(line), 0);
  return {gpu.uploaded, gpu.downloaded, gpu.counters.waits};
}

// Analysed and swapped there, and encoded on the host. More options: where the frame is decoded. waits: for the eight
// frames of the clip's twelve that follow the first four, in which models are captured.
void expect_traffic(const std::vector<std::string>& more, int uploads, int waits = 8 * 2) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const fs::path base = shared / "golden";
  const nlohmann::json golden = golden_case(shared, "video_swap_memory");
  const core::Size size = media::probe_video(base / "photos" / "clip.mp4").size;
  const std::int64_t frame = std::int64_t{3} * size.width * size.height;
  const Traffic some = traffic_of(golden, base, 4, more);
  const Traffic later = traffic_of(golden, base, 12, more);
  constexpr std::int64_t kFacts = 16384;  // boxes, points, embeddings, matrices
  EXPECT_GE(later.uploaded - some.uploaded, 8 * uploads * frame);
  EXPECT_LT(later.uploaded - some.uploaded, 8 * (uploads * frame + kFacts));
  EXPECT_GE(later.downloaded - some.downloaded, 8 * frame / 2);  // as planes for the encoder
  EXPECT_LT(later.downloaded - some.downloaded, 8 * (frame / 2 + kFacts));
  // The face analyser's, of frames with as many faces as the one before; and one for the frame, where the next one's
  // faces were not waited for before: which of the frames wait for both is chance, so both runs may differ by some.
  EXPECT_GE(later.waits - some.waits, waits / 4);
  EXPECT_LE(later.waits - some.waits, waits);
}

TEST(GpuPathCommands, AFrameOfTheCpuGoesUpOnceAndComesBackOnce) {
  expect_traffic({"--no-hw-decode"}, 1);
}

TEST(GpuPathCommands, AFrameThatWasDecodedThereOnlyComesBack) {
  expect_traffic({}, 0);
}

TEST(GpuPathCommands, FramesThatGoTogetherAreWaitedForTogether) {
  expect_traffic({"--execution-batch-frames", "4"}, 0, 8 / 4 * 2);
}

// It looks at the untouched frame, too.
TEST(GpuPathCommands, AFrameGoesUpOnceForTheExpressionRestorer) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const fs::path base = shared / "golden";
  const nlohmann::json golden = golden_case(shared, "video_swap_memory");
  const core::Size size = media::probe_video(base / "photos" / "clip.mp4").size;
  const std::int64_t frame = std::int64_t{3} * size.width * size.height;
  const Traffic two = traffic_of(golden, base, 2, {"--no-hw-decode"}, "expression_restorer");
  const Traffic four = traffic_of(golden, base, 4, {"--no-hw-decode"}, "expression_restorer");
  EXPECT_GE(four.uploaded - two.uploaded, 2 * frame);
  EXPECT_LT(four.uploaded - two.uploaded, 2 * frame + frame / 2);
}

// Example files of our own under the reference's names.
TEST(GpuPathCommands, BenchmarkSetsRunsWithAndWithoutGraphsSideBySide) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const fs::path photos = fs::absolute(shared) / "golden" / "photos";
  const Workspace workspace;
  make_model_folder(workspace.model_folder(), fs::absolute(shared), {});
  workspace.use_models(workspace.model_folder());
  const InFolder folder(workspace.out());
  fs::create_directories(".assets/examples");
  fs::copy_file(photos / "astro.jpg", ".assets/examples/source.jpg");
  fs::copy_file(photos / "clip.mp4", ".assets/examples/target-240p.mp4");
  std::ofstream(".assets/examples/source.mp3") << "not listened to";

  device::FakeGpu gpu;
  const runtime::BackendScope backend(runtime::host_backend(gpu, "graphs.json"));
  testing::internal::CaptureStderr();
  const int status =
      app::run_command_line({"benchmark", "--execution-providers", "cuda", "--benchmark-mode", "cold",
                             "--benchmark-cycle-count", "1", "--temp-path", "tmp", "--log-level", "error"});
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_EQ(status, 0) << printed;
  EXPECT_GT(gpu.counters.allocations, 0) << "nothing ran on the GPU";
  const std::size_t row = printed.find("| .assets/examples/target-240p.mp4 | 1 ");
  ASSERT_NE(row, std::string::npos) << printed;
  double average = 0;
  double without = 0;
  double ratio = 0;
  ASSERT_EQ(
      std::sscanf(printed.c_str() + row, "| %*s | %*d | %lf | %*f | %*f | %*f | %lf | %lf", &average, &without, &ratio),
      3)
      << printed;
  EXPECT_NEAR(ratio, without / average, 0.1 * ratio) << printed;
}

}  // namespace
}  // namespace facegraph::test
