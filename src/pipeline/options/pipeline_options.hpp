// Options of extracting, output, workflow and memory; those of execution are the runtime's. spec: application.md 2.1
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/options/option.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::pipeline {

const std::vector<core::Option>& frame_extraction_options();
const std::vector<core::Option>& frame_distribution_options();
const std::vector<core::Option>& output_creation_options();
const std::vector<core::Option>& workflow_options();
const std::vector<core::Option>& memory_options();

enum class WorkflowMode { kAuto, kImageToImage, kImageToVideo };
enum class WorkflowStrategy { kDisk, kMemory };
enum class MemoryStrategy { kStrict, kModerate, kTolerant };

struct OutputOptions {
  int image_quality = 80;
  double image_scale = 1;
  std::optional<std::string> audio_encoder;  // none: the first that container and FFmpeg accept
  int audio_quality = 80;
  int audio_volume = 100;
  std::string video_encoder;
  std::string video_preset;
  int video_quality = 80;
  double video_scale = 1;
  std::optional<double> video_fps;  // 1..60
};

// What one run is asked to do; read from the values once.
struct RunOptions {
  std::vector<std::filesystem::path> source_paths;
  std::filesystem::path target_path;
  std::filesystem::path output_path;
  std::filesystem::path result_path;    // where the output is written: output_path, but for the steps of a job
  std::filesystem::path resume_folder;  // for what a later run can go on from; empty: nothing is kept
  std::optional<std::int64_t> trim_start;
  std::optional<std::int64_t> trim_end;
  int target_frame_amount = 2;  // neighbours on each side that the tracker looks at
  OutputOptions output;
  WorkflowMode workflow_mode = WorkflowMode::kAuto;
  WorkflowStrategy workflow_strategy = WorkflowStrategy::kMemory;
  std::filesystem::path temp_path;
  std::string temp_frame_format = "png";
  bool temp_alpha = false;        // frames between processing and encoder keep their alpha (pixel format bgra)
  bool hardware_decoding = true;  // where the models run on a GPU
  runtime::ExecutionOptions execution;
  int thread_count = 8;
  std::optional<int> lanes;  // per GPU, on the CPU in all; none: auto
  MemoryStrategy memory_strategy = MemoryStrategy::kStrict;
  bool encodes = true;  // no option: false writes no video, for benches that leave the encoder out

  static RunOptions from(const core::OptionValues& values);
};

}  // namespace facegraph::pipeline
