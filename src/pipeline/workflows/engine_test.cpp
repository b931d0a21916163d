#include "pipeline/workflows/engine.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include <gtest/gtest.h>

#include "analysers/masker/masker.hpp"
#include "core/base/log.hpp"
#include "pipeline/workflows/content_gate.hpp"
#include "runtime/graph/test_support.hpp"
#include "support/gate_models.hpp"
#include "support/scratch.hpp"

namespace facegraph::pipeline {
namespace {

core::Image numbered(int width, int height, int channels) {
  core::Image image(width, height, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * channels; ++x) {
      image.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(7 * y + 3 * x);
    }
  }
  return image;
}

bool equal(const core::Image& a, const core::Image& b) {
  return a.size() == b.size() && a.channels() == b.channels() &&
         std::memcmp(a.view().data, b.view().data, a.bytes()) == 0;
}

TEST(Alpha, IsSplitOffAndJoinedAgain) {
  const core::Image picture = numbered(5, 3, 4);
  processors::TempFrame temp = split_alpha(picture);
  EXPECT_EQ(temp.frame.channels(), 3);
  ASSERT_EQ(temp.mask.channels(), 1);
  ASSERT_EQ(temp.mask.size(), (core::Size{5, 3}));
  for (int x = 0; x < 5; ++x) {
    EXPECT_EQ(temp.mask.row<std::uint8_t>(2)[x], picture.row<std::uint8_t>(2)[4 * x + 3]);
    EXPECT_EQ(temp.frame.row<std::uint8_t>(2)[3 * x + 1], picture.row<std::uint8_t>(2)[4 * x + 1]);
  }
  EXPECT_TRUE(equal(join_alpha(std::move(temp)), picture));
}

TEST(Alpha, IsNotInventedForPicturesWithoutIt) {
  const core::Image picture = numbered(4, 4, 3);
  processors::TempFrame temp = split_alpha(picture);
  EXPECT_TRUE(temp.mask.empty());
  EXPECT_TRUE(equal(join_alpha(std::move(temp)), picture));
}

class EngineTest : public testing::Test {
 protected:
  Engine engine(const std::string& target, int threads = 8) {
    return engine(target, threads, {{"face-swapper-model", {"ghost_1_256"}}});
  }
  Engine embedded_engine(const std::string& target) {
    return engine(target, 8, {{models::kModelSetOption, {"embedded"}}});
  }
  Engine engine(const std::string& target, int threads, const std::map<std::string, std::vector<std::string>>& given) {
    const core::OptionValues values =
        test::values_of({models::model_set_options(), analysers::detector_options(), analysers::landmarker_options(),
                         analysers::selector_options(), analysers::tracker_options(), analysers::masker_options(),
                         analysers::voice_extractor_options(), processors::processor_options()},
                        given);
    RunOptions options;
    options.target_path = scratch_.write(target, "");
    options.thread_count = threads;
    options.lanes = lanes_;
    options.execution = execution_;
    return Engine(values, options);
  }
  void write_gate(float first, float second) const { test::write_gate_models(scratch_.folder(), first, second); }

  static void provide(const Engine& engine) {
    core::Progress progress;
    engine.provide_models(models::DownloadOptions::from({}), core::StopToken(), progress);
  }

  std::optional<int> lanes_;
  runtime::ExecutionOptions execution_;
  test::Scratch scratch_;
  test::ScopedVariable variable_{"FACEGRAPH_MODELS_PATH", scratch_.folder().string()};
};

TEST_F(EngineTest, APictureHasOneLane) {
  EXPECT_EQ(engine("target.png").lane_count(), 1);
}

TEST_F(EngineTest, AVideoHasNoMoreLanesThanCores) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  EXPECT_EQ(engine("target.mp4", 1).lane_count(), 1);
  EXPECT_EQ(engine("target.mp4", 32).lane_count(), std::min(cores, 32));
}

TEST_F(EngineTest, AsManyLanesAsAskedForButNotMoreThanCores) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  lanes_ = 1;
  EXPECT_EQ(engine("target.mp4", 32).lane_count(), 1);
  EXPECT_FALSE(engine("target.mp4").lane_settings().measures);
  lanes_ = 16;
  EXPECT_EQ(engine("target.mp4", 1).lane_count(), std::min(cores, 16));
}

TEST_F(EngineTest, OnGpusAutoMeasuresHowManyLanesFit) {
  device::FakeGpu gpu;
  runtime::FakeModels models;
  const runtime::BackendScope backend({[&](int) -> device::Gpu& { return gpu; },
                                       std::make_shared<runtime::FakeUnitMaker>(models),
                                       std::make_shared<runtime::GraphRecords>(scratch_ / "graphs.json", "machine")});
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  execution_.providers = {"cuda"};
  execution_.device_ids = {0, 1};
  EXPECT_EQ(engine("target.mp4", 32).lane_count(), std::max(2, std::min(cores, 8)));
  const Engine two_gpus = engine("target.mp4");
  EXPECT_TRUE(two_gpus.lane_settings().measures);
  EXPECT_EQ(two_gpus.lane_count(95), 2);  // one of each
  EXPECT_EQ(two_gpus.lane_count(750), std::min(two_gpus.lane_count(), 3));
  EXPECT_EQ(two_gpus.lane_count(54000), two_gpus.lane_count());
  EXPECT_EQ(two_gpus.lane_settings().devices, 2);
  EXPECT_EQ(two_gpus.lane_settings().memory(1).total, gpu.memory().total);
  execution_.device_ids = {0};
  const Engine one_gpu = engine("target.mp4");
  EXPECT_EQ(one_gpu.lane_count(95), 1);
  EXPECT_EQ(one_gpu.lane_count(500), std::min(one_gpu.lane_count(), 2));
  EXPECT_EQ(one_gpu.lane_count(66, 45), 1);  // of tiles
  EXPECT_EQ(one_gpu.lane_count(134, 45), std::min(one_gpu.lane_count(), 2));
  execution_.batch_frames.reset();  // frames go together
  EXPECT_EQ(engine("target.mp4", 32).lane_count(54000), std::min(cores, 2));
  EXPECT_EQ(engine("target.mp4", 32).lane_count(95), 1);
  EXPECT_EQ(engine("target.mp4", 32).lane_count(134, 45), 1);
  EXPECT_FALSE(engine("target.mp4", 32).lane_settings().measures);
  execution_.batch_frames = 1;
  execution_.device_ids = {0, 1};
  lanes_ = 3;
  EXPECT_EQ(engine("target.mp4", 1).lane_count(), 6);  // of each GPU
  EXPECT_EQ(engine("target.mp4", 1).lane_count(1), 6);
  EXPECT_FALSE(engine("target.mp4").lane_settings().measures);
}

TEST_F(EngineTest, WhatAnEarlierRunTriedIsOpenedAtOnceWhereThereIsEvidentRoom) {
  device::FakeGpu gpu;
  runtime::FakeModels models;
  const auto records = std::make_shared<runtime::GraphRecords>(scratch_ / "graphs.json", "machine");
  const runtime::BackendScope backend(
      {[&](int) -> device::Gpu& { return gpu; }, std::make_shared<runtime::FakeUnitMaker>(models), records});
  execution_.providers = {"cuda"};
  const auto measures = [&](std::uintmax_t model_bytes) {
    std::filesystem::resize_file(scratch_.write("ghost_1_256.onnx", ""), model_bytes);
    return engine("target.mp4", 2).lane_settings().measures;
  };
  EXPECT_TRUE(measures(1));  // no earlier run
  runtime::GraphReport report;
  report.state = runtime::GraphState::kCaptured;
  records->note({"ghost_1_256 12345678", "input 1x3x256x256", "Fake", "tf32"}, report);
  EXPECT_FALSE(measures(1));
  const std::uintmax_t eighth = gpu.memory().free / 8;
  const auto lanes = static_cast<std::uintmax_t>(engine("target.mp4", 2).lane_count());
  EXPECT_FALSE(measures(eighth / lanes));
  EXPECT_TRUE(measures(eighth / lanes + 1));
  EXPECT_FALSE(measures(1));
  EXPECT_TRUE(engine("target.mp4", 2).lane_settings(LaneWork::kAll, 45).measures);
}

TEST_F(EngineTest, AFrameOfManyTilesIsManyRuns) {
  EXPECT_EQ(engine("target.mp4").runs_per_frame({1920, 1080}), 1);
  const Engine tiles = engine("target.mp4", 8, {{"processors", {"face_swapper", "frame_enhancer"}}});
  EXPECT_EQ(tiles.runs_per_frame({100, 100}), 1);
  EXPECT_EQ(tiles.runs_per_frame({1920, 1080}), 17 * 10);
}

TEST_F(EngineTest, NeedsAreThoseOfItsProcessors) {
  const processors::Needs needs = engine("target.png").needs();
  EXPECT_TRUE(needs.source_image && needs.source_face && needs.target_faces);
}

TEST_F(EngineTest, EveryFileOfTheRunIsVerifiedInOneError) {
  const Engine made = engine("target.png");
  const std::string text = test::message_of(core::ErrorCode::kFailed, [&] { provide(made); });
  test::expect_names(text, {scratch_.folder().string()});
  for (const std::string name :
       {"nsfw_1", "nsfw_2", "nsfw_3", "fairface", "yoloface_8n", "fan_68_5", "2dfan4", "arcface_w600k_r50", "xseg_1",
        "bisenet_resnet_34", "ghost_1_256", "crossface_ghost"}) {
    const auto first = text.find(name + ".onnx is missing");
    ASSERT_NE(first, std::string::npos) << name << " is not in: " << text;
    EXPECT_EQ(text.find(name + ".onnx is missing", first + 1), std::string::npos) << name << " is named twice";
  }
}

TEST_F(EngineTest, TheGateRefusesAFlaggedPicture) {
  write_gate(0.3F, 0.3F);
  const Engine made = engine("target.png");
  test::expect_names(test::message_of(core::ErrorCode::kRefused, [&] { gate_image(made, numbered(32, 32, 3)); }),
                     {"content"});
}

TEST_F(EngineTest, TheGateLetsOthersPass) {
  write_gate(0.3F, 0.2F);
  gate_image(engine("target.png"), numbered(32, 32, 3));
}

TEST_F(EngineTest, AGateThatCannotRunRefuses) {
  const Engine made = engine("target.png");
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { gate_image(made, numbered(32, 32, 3)); }),
                     {"nsfw_1"});
}

std::vector<std::string> warnings;

TEST_F(EngineTest, TheEmbeddedSetIsWholeAndNeedsNoOtherFile) {
  provide(embedded_engine("target.png"));
}

TEST_F(EngineTest, TheEmbeddedSetHasNoGateAndSaysSo) {
  write_gate(0.3F, 0.3F);  // would refuse
  const Engine made = embedded_engine("target.png");
  warnings.clear();
  core::set_log_hook([](core::LogLevel level, const std::string& line) {
    if (level == core::LogLevel::kWarn) {
      warnings.push_back(line);
    }
  });
  gate_image(made, numbered(32, 32, 3));
  core::set_log_hook(nullptr);
  ASSERT_EQ(warnings.size(), 1U);
  test::expect_names(warnings.front(), {"embedded", "content gate"});
}

}  // namespace
}  // namespace facegraph::pipeline
