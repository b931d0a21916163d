#include "pipeline/options/pipeline_options.hpp"

#include <algorithm>

#include "media/encode/frame_sink.hpp"

namespace facegraph::pipeline {

using core::Option;
using core::OptionKind;
using core::OptionRange;
using core::OptionScope;

namespace {

constexpr OptionRange kPercent{0, 100, 1};
constexpr OptionRange kScale{0.25, 8, 0.25};

// In the order of the enumerations.
const std::vector<std::string> kModes{"auto", "image-to-image", "image-to-video"};
const std::vector<std::string> kStrategies{"disk", "memory"};
const std::vector<std::string> kMemoryStrategies{"strict", "moderate", "tolerant"};

template <typename Enum>
Enum enumerator(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<Enum>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::optional<std::int64_t> optional_integer(const core::OptionValues& values, const std::string& name) {
  return values.is_set(name) ? std::optional<std::int64_t>(values.integer(name)) : std::nullopt;
}

}  // namespace

const std::vector<Option>& frame_extraction_options() {
  static const std::vector<Option> table{
      {.name = "trim-frame-start",
       .kind = OptionKind::kInteger,
       .section = "frame_extraction",
       .help = "first frame of the target video"},
      {.name = "trim-frame-end",
       .kind = OptionKind::kInteger,
       .section = "frame_extraction",
       .help = "frame of the target video to stop before"},
      {.name = "temp-frame-format",
       .section = "frame_extraction",
       .help = "format of the picture files of the workflow strategy disk",
       .default_value = std::string("png"),
       .choices = {"bmp", "jpeg", "png", "tiff"}},
      {.name = "temp-pixel-format",
       .section = "frame_extraction",
       .help = "bgra keeps the alpha that processors make, for encoders that carry it; bgr24 drops it",
       .default_value = std::string("bgr24"),
       .choices = {"bgr24", "bgra"}},
  };
  return table;
}

const std::vector<Option>& frame_distribution_options() {
  static const std::vector<Option> table{
      {.name = "target-frame-amount",
       .kind = OptionKind::kInteger,
       .section = "frame_distribution",
       .help = "frames on each side of a video's frame through which faces are followed (--face-tracker-score)",
       .default_value = 2LL,
       .range = OptionRange{0, 10, 1}},
  };
  return table;
}

const std::vector<Option>& output_creation_options() {
  static const std::vector<std::string> video_encoders = media::available_video_encoders();
  static const std::vector<Option> table{
      {.name = "output-image-quality",
       .kind = OptionKind::kInteger,
       .section = "output_creation",
       .help = "quality of a lossy output picture",
       .default_value = 80LL,
       .range = kPercent},
      {.name = "output-image-scale",
       .kind = OptionKind::kFloat,
       .section = "output_creation",
       .help = "size of the output picture, relative to the target",
       .default_value = 1.0,
       .range = kScale},
      {.name = "output-audio-encoder",
       .section = "output_creation",
       .help = "encoder of the sound; unset: the first that the container takes",
       .choices = media::available_audio_encoders()},
      {.name = "output-audio-quality",
       .kind = OptionKind::kInteger,
       .section = "output_creation",
       .help = "quality of the sound",
       .default_value = 80LL,
       .range = kPercent},
      {.name = "output-audio-volume",
       .kind = OptionKind::kInteger,
       .section = "output_creation",
       .help = "loudness of the sound in percent; 0: no sound",
       .default_value = 100LL,
       .range = kPercent},
      {.name = "output-video-encoder",
       .section = "output_creation",
       .help = "encoder of the video",
       .default_value = video_encoders.front(),
       .choices = video_encoders},
      {.name = "output-video-preset",
       .section = "output_creation",
       .help = "speed of the encoder against the size of the file",
       .default_value = std::string("veryfast"),
       .choices = {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"}},
      {.name = "output-video-quality",
       .kind = OptionKind::kInteger,
       .section = "output_creation",
       .help = "quality of the video",
       .default_value = 80LL,
       .range = kPercent},
      {.name = "output-video-scale",
       .kind = OptionKind::kFloat,
       .section = "output_creation",
       .help = "size of the output video, relative to the target",
       .default_value = 1.0,
       .range = kScale},
      {.name = "output-video-fps",
       .kind = OptionKind::kFloat,
       .section = "output_creation",
       .help = "frames per second, 1 to 60; unset: the target's"},
  };
  return table;
}

const std::vector<Option>& workflow_options() {
  static const std::vector<Option> table{
      {.name = "workflow-mode",
       .section = "workflow",
       .help = "what the target is",
       .default_value = std::string("auto"),
       .choices = kModes},
      {.name = "workflow-strategy",
       .section = "workflow",
       .help = "where frames wait between the stages: disk needs room for all of them as picture files",
       .default_value = std::string("memory"),
       .choices = kStrategies},
  };
  return table;
}

const std::vector<Option>& memory_options() {
  static const std::vector<Option> table{
      {.name = "video-memory-strategy",
       .section = "memory",
       .scope = OptionScope::kJob,
       .help = "how soon models leave the memory",
       .default_value = std::string("strict"),
       .choices = kMemoryStrategies},
  };
  return table;
}

RunOptions RunOptions::from(const core::OptionValues& values) {
  RunOptions options;
  if (values.is_set("source-paths")) {
    const auto& sources = values.strings("source-paths");
    options.source_paths.assign(sources.begin(), sources.end());
  }
  options.target_path = values.is_set("target-path") ? values.string("target-path") : "";
  options.output_path = values.is_set("output-path") ? values.string("output-path") : "";
  options.result_path = options.output_path;
  options.trim_start = optional_integer(values, "trim-frame-start");
  options.trim_end = optional_integer(values, "trim-frame-end");
  options.target_frame_amount = static_cast<int>(values.integer("target-frame-amount"));
  OutputOptions& output = options.output;
  output.image_quality = static_cast<int>(values.integer("output-image-quality"));
  output.image_scale = values.number("output-image-scale");
  if (values.is_set("output-audio-encoder")) {
    output.audio_encoder = values.string("output-audio-encoder");
  }
  output.audio_quality = static_cast<int>(values.integer("output-audio-quality"));
  output.audio_volume = static_cast<int>(values.integer("output-audio-volume"));
  output.video_encoder = values.string("output-video-encoder");
  output.video_preset = values.string("output-video-preset");
  output.video_quality = static_cast<int>(values.integer("output-video-quality"));
  output.video_scale = values.number("output-video-scale");
  if (values.is_set("output-video-fps")) {
    output.video_fps = std::clamp(values.number("output-video-fps"), 1.0, 60.0);
  }
  options.workflow_mode = enumerator<WorkflowMode>(kModes, values.string("workflow-mode"));
  options.workflow_strategy = enumerator<WorkflowStrategy>(kStrategies, values.string("workflow-strategy"));
  options.temp_path = values.is_set("temp-path") ? std::filesystem::path(values.string("temp-path"))
                                                 : std::filesystem::temp_directory_path();
  options.temp_frame_format = values.string("temp-frame-format");
  options.temp_alpha = values.string("temp-pixel-format") == "bgra";
  options.hardware_decoding = !values.flag("no-hw-decode");
  options.execution = runtime::execution_options_from(values);
  options.thread_count = static_cast<int>(values.integer("execution-thread-count"));
  if (const std::string& lanes = values.string("execution-lanes"); lanes != "auto") {
    options.lanes = std::stoi(lanes);
  }
  options.memory_strategy = enumerator<MemoryStrategy>(kMemoryStrategies, values.string("video-memory-strategy"));
  return options;
}

}  // namespace facegraph::pipeline
