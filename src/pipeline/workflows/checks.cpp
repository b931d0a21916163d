#include "pipeline/workflows/checks.hpp"

#include <algorithm>
#include <string>

#include <unistd.h>

#include "core/base/error.hpp"

namespace facegraph::pipeline {

namespace fs = std::filesystem;
using core::ErrorCode;
using core::fail;
using media::MediaKind;

namespace {

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return extension;
}

// A name that no file can have is absent, not an exception.
bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

void check_sources(const RunOptions& options, const processors::Needs& needs) {
  for (const fs::path& path : options.source_paths) {
    if (!is_there(path)) {
      fail(ErrorCode::kRefused, "source {} does not exist", path.string());
    }
  }
  const auto has = [&](MediaKind kind) {
    return std::any_of(options.source_paths.begin(), options.source_paths.end(),
                       [kind](const fs::path& path) { return media::kind_of(path) == kind; });
  };
  if (needs.source_audio && !has(MediaKind::kAudio)) {
    fail(ErrorCode::kRefused, "choose a sound as source: --source-paths has none (flac, m4a, mp3, ogg, opus or wav)");
  }
  if (needs.source_image && !has(MediaKind::kImage)) {
    fail(ErrorCode::kRefused, "choose a picture as source: --source-paths has none (bmp, jpeg, png, tiff or webp)");
  }
}

MediaKind check_target(const RunOptions& options) {
  const fs::path& target = options.target_path;
  if (target.empty()) {
    fail(ErrorCode::kRefused, "choose a picture or video as target: --target-path is not set");
  }
  if (!is_there(target)) {
    fail(ErrorCode::kRefused, "target {} does not exist", target.string());
  }
  const MediaKind kind = media::kind_of(target);
  if (kind != MediaKind::kImage && kind != MediaKind::kVideo) {
    fail(ErrorCode::kRefused, "choose a picture or video as target: {} is neither by its name", target.string());
  }
  return kind;
}

void check_output(const RunOptions& options) {
  const fs::path& output = options.output_path;
  const fs::path folder = output.has_parent_path() ? output.parent_path() : ".";
  if (output.empty()) {
    fail(ErrorCode::kRefused, "choose an output file: --output-path is not set");
  }
  if (is_folder(output)) {
    fail(ErrorCode::kRefused, "choose an output file: {} is a folder", output.string());
  }
  if (!is_folder(folder)) {
    fail(ErrorCode::kRefused, "output folder {} does not exist", folder.string());
  }
  if (access(folder.c_str(), W_OK) != 0) {
    fail(ErrorCode::kFailed, "output folder {} is not writable", folder.string());
  }
  if (lower_extension(options.target_path) != lower_extension(output)) {
    fail(ErrorCode::kRefused, "target and output must have the same extension: {} and {}",
         options.target_path.filename().string(), output.filename().string());
  }
}

void check_distinct(const RunOptions& options) {
  const auto same = [&](const fs::path& input) {
    std::error_code ignored;
    return fs::equivalent(options.output_path, input, ignored);
  };
  if (same(options.target_path) || std::any_of(options.source_paths.begin(), options.source_paths.end(), same)) {
    fail(ErrorCode::kRefused, "output {} is also an input; choose another output", options.output_path.string());
  }
}

}  // namespace

MediaKind check_paths(const RunOptions& options, const processors::Needs& needs) {
  if (needs.source_image || needs.source_audio) {
    check_sources(options, needs);
  }
  const MediaKind kind = check_target(options);
  check_output(options);
  check_distinct(options);
  const WorkflowMode found = kind == MediaKind::kImage ? WorkflowMode::kImageToImage : WorkflowMode::kImageToVideo;
  if (options.workflow_mode != WorkflowMode::kAuto && options.workflow_mode != found) {
    fail(ErrorCode::kRefused, "workflow mode does not fit the target: {} is a {}", options.target_path.string(),
         kind == MediaKind::kImage ? "picture" : "video");
  }
  return kind;
}

}  // namespace facegraph::pipeline
