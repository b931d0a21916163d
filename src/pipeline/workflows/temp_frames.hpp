// A video's frames as picture files in a temporary folder: the workflow strategy disk. spec: application.md 4.9, 4.12
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/types/image.hpp"
#include "media/file/temp_folder.hpp"

namespace facegraph::pipeline {

class TempFrames {
 public:
  // The folder lies below temp_path, is named after the target, and goes with this object. format: bmp, jpeg, png,
  // tiff.
  TempFrames(const std::filesystem::path& temp_path, const std::filesystem::path& target, std::string format)
      : folder_(temp_path, target.stem().string()), format_(std::move(format)) {}

  // number: of the frame in the target. Three or four channels; jpeg drops the fourth and is lossy at its best quality.
  // Different frames may be written and read at once. Throw Error(kFailed).
  void write(std::int64_t number, core::ConstImageView frame) const;
  core::Image read(std::int64_t number) const;

 private:
  std::filesystem::path file_of(std::int64_t number) const;

  media::TempFolder folder_;
  std::string format_;
};

}  // namespace facegraph::pipeline
