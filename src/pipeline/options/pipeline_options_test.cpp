#include "pipeline/options/pipeline_options.hpp"

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::pipeline {
namespace {

RunOptions options_with(const std::map<std::string, std::vector<std::string>>& given) {
  const std::vector<core::Option> paths{{.name = "source-paths", .kind = core::OptionKind::kStringList},
                                        {.name = "target-path"},
                                        {.name = "output-path"},
                                        {.name = "temp-path"}};
  return RunOptions::from(
      test::values_of({paths, frame_extraction_options(), frame_distribution_options(), output_creation_options(),
                       workflow_options(), runtime::execution_options(), memory_options()},
                      given));
}

TEST(RunOptions, DefaultsAreTheReferences) {
  const RunOptions options = options_with({});
  EXPECT_TRUE(options.source_paths.empty());
  EXPECT_TRUE(options.target_path.empty());
  EXPECT_TRUE(options.output_path.empty());
  EXPECT_FALSE(options.trim_start || options.trim_end);
  EXPECT_EQ(options.target_frame_amount, 2);
  EXPECT_EQ(options.output.image_quality, 80);
  EXPECT_EQ(options.output.image_scale, 1);
  EXPECT_FALSE(options.output.audio_encoder);
  EXPECT_EQ(options.output.audio_quality, 80);
  EXPECT_EQ(options.output.audio_volume, 100);
  EXPECT_EQ(options.output.video_preset, "veryfast");
  EXPECT_EQ(options.output.video_quality, 80);
  EXPECT_EQ(options.output.video_scale, 1);
  EXPECT_FALSE(options.output.video_fps);
  EXPECT_EQ(options.workflow_mode, WorkflowMode::kAuto);
  EXPECT_EQ(options.execution.providers.size(), 1U);
  EXPECT_EQ(options.execution.device_ids, std::vector<int>{0});
  EXPECT_EQ(options.thread_count, 8);
  EXPECT_EQ(options.memory_strategy, MemoryStrategy::kStrict);
}

TEST(RunOptions, AreRead) {
  const RunOptions options = options_with({{"source-paths", {"a.png", "b c.jpg"}},
                                           {"target-path", {"t.mp4"}},
                                           {"output-path", {"./o.mp4"}},
                                           {"trim-frame-start", {"-3"}},
                                           {"trim-frame-end", {"70"}},
                                           {"target-frame-amount", {"10"}},
                                           {"output-image-scale", {"0.25"}},
                                           {"output-video-scale", {"8"}},
                                           {"output-audio-volume", {"0"}},
                                           {"execution-device-ids", {"1", "0"}},
                                           {"execution-thread-count", {"32"}}});
  EXPECT_EQ(options.source_paths, (std::vector<std::filesystem::path>{"a.png", "b c.jpg"}));
  EXPECT_EQ(options.target_path, "t.mp4");
  EXPECT_EQ(options.output_path, "./o.mp4");
  EXPECT_EQ(options.trim_start, -3);
  EXPECT_EQ(options.trim_end, 70);
  EXPECT_EQ(options.target_frame_amount, 10);
  EXPECT_EQ(options.output.image_scale, 0.25);
  EXPECT_EQ(options.output.video_scale, 8);
  EXPECT_EQ(options.output.audio_volume, 0);
  EXPECT_EQ(options.execution.device_ids, (std::vector<int>{1, 0}));
  EXPECT_EQ(options.thread_count, 32);
}

TEST(RunOptions, NamesBecomeTheirEnumerators) {
  const auto mode = [](const std::string& name) { return options_with({{"workflow-mode", {name}}}).workflow_mode; };
  EXPECT_EQ(mode("image-to-image"), WorkflowMode::kImageToImage);
  EXPECT_EQ(mode("image-to-video"), WorkflowMode::kImageToVideo);
  const auto strategy = [](const std::string& name) {
    return options_with({{"video-memory-strategy", {name}}}).memory_strategy;
  };
  EXPECT_EQ(strategy("moderate"), MemoryStrategy::kModerate);
  EXPECT_EQ(strategy("tolerant"), MemoryStrategy::kTolerant);
}

TEST(RunOptions, FramesPerSecondAreLimited) {
  const auto fps = [](const std::string& text) {
    return options_with({{"output-video-fps", {text}}}).output.video_fps;
  };
  EXPECT_EQ(fps("0"), 1);
  EXPECT_EQ(fps("29.97"), 29.97);
  EXPECT_EQ(fps("600"), 60);
}

}  // namespace
}  // namespace facegraph::pipeline
