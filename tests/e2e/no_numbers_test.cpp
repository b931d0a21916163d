// Models that give NaN or infinity: frames pass unchanged, the run says so once and counts them.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "e2e/sandbox.hpp"
#include "media/decode/frame_source.hpp"
#include "media/media.hpp"
#include "models/store/store.hpp"
#include "support/onnx_spoiler.hpp"
#include "support/scratch.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class NoNumbers : public Sandbox {
 protected:
  // The stand-in models, those that are named spoiled.
  fs::path models_with(const std::vector<std::string>& spoiled) const {
    const fs::path folder = root_ / "models";
    fs::remove_all(folder);
    fs::create_directory(folder);
    for (const fs::directory_entry& entry : fs::directory_iterator(stand_in_models())) {
      fs::create_symlink(entry.path(), folder / entry.path().filename());
    }
    for (const std::string& name : spoiled) {
      const fs::path model = folder / (name + ".onnx");
      const fs::path hash = folder / (name + ".hash");
      spoil_model(stand_in_models() / (name + ".onnx"), model, kNan);
      fs::remove(hash);
      std::ofstream(hash) << fmt::format("{:08x}", models::file_crc32(model));
    }
    return folder;
  }

  Job job(const std::string& target, const std::vector<std::string>& spoiled,
          const std::vector<std::string>& options) const {
    Job result = swap(photo(target));
    result.models = models_with(spoiled);
    result.log_level = "warn";
    result.options = options;
    return result;
  }

  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  void expect_unchanged_picture(const Job& job, const std::string& model) const {
    const Outcome outcome = start(job);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const std::vector<std::string> lines = lines_of(outcome.err);
    ASSERT_EQ(lines.size(), 1U) << outcome.err;
    expect_names(lines[0], {"astro.png passes unchanged", model});
    const cv::Mat before = cv::imread(job.target.string());
    const cv::Mat after = cv::imread(job.output.string());
    ASSERT_EQ(after.size(), before.size());
    EXPECT_TRUE(std::equal(after.datastart, after.dataend, before.datastart)) << model;
  }
};

TEST_F(NoNumbers, APicturePassesUnchanged) {
  expect_unchanged_picture(job("astro.png", {"inswapper_128"}, {}), "inswapper_128");
  const std::vector<std::string> draw{"--processors", "face_debugger", "--face-mask-types", "region"};
  for (const char* model : {"yoloface_8n", "2dfan4", "fan_68_5", "arcface_w600k_r50", "bisenet_resnet_34"}) {
    Job drawing = job("astro.png", {model}, draw);
    drawing.source.clear();
    expect_unchanged_picture(drawing, model);
  }
}

TEST_F(NoNumbers, WhatAProcessorBeforeHasDoneIsTakenBack) {
  expect_unchanged_picture(
      job("astro.png", {"live_portrait_generator"}, {"--processors", "face_swapper", "expression_restorer"}),
      "live_portrait_generator");
}

TEST_F(NoNumbers, TheFramesOfAVideoPassAndAreCounted) {
  // Without loss: the encoder's choices vary under load.
  const std::vector<std::string> swap_all{"--face-selector-mode",   "many", "--report", out("report.json").string(),
                                          "--output-video-quality", "100"};
  const Job spoiled = job("clip.mp4", {"inswapper_128"}, swap_all);
  const Outcome outcome = start(spoiled);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::string> lines = lines_of(outcome.err);
  ASSERT_EQ(lines.size(), 2U) << outcome.err;
  expect_names(lines[0], {"frame ", "passes unchanged", "inswapper_128"});
  expect_names(lines[1], {"12 of 12 frames passed unchanged"});
  const auto report = nlohmann::json::parse(read_text(out("report.json")));
  EXPECT_EQ(report["run"]["frames"], 12);
  EXPECT_EQ(report["run"]["frames_unchanged"], 12);

  // The same frames as where no face is found.
  Job faceless =
      job("clip.mp4", {},
          {"--processors", "face_debugger", "--face-detector-score", "1.0", "--output-video-quality", "100"});
  faceless.source.clear();
  faceless.output = out("faceless.mp4");
  ASSERT_EQ(start(faceless).code, 0);
  const auto found = media::open_video(spoiled.output, {});
  const auto expected = media::open_video(faceless.output, {});
  for (int i = 0; i < 12; ++i) {
    const auto one = found->read();
    const auto other = expected->read();
    ASSERT_TRUE(one && other);
    ASSERT_EQ(one->image.size(), other->image.size());
    for (int y = 0; y < one->image.height(); ++y) {
      const std::size_t bytes = one->image.view().row_bytes();
      ASSERT_EQ(std::memcmp(one->image.row<std::byte>(y), other->image.row<std::byte>(y), bytes), 0) << i << " " << y;
    }
  }
}

TEST_F(NoNumbers, OfASourceEndTheRun) {
  expect_failure(job("astro.png", {"arcface_w600k_r50"}, {}), 1, {"arcface_w600k_r50", "NaN"});
}

TEST_F(NoNumbers, OfTheContentGateRefuseTheTarget) {
  for (const char* gate : {"nsfw_1", "nsfw_2", "nsfw_3"}) {
    expect_failure(job("astro.png", {gate}, {}), 1, {gate, "NaN"});
    expect_failure(job("clip.mp4", {gate}, {}), 1, {gate, "NaN"});
  }
}

}  // namespace
}  // namespace facegraph::test
