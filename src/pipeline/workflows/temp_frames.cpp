#include "pipeline/workflows/temp_frames.hpp"

#include <fmt/core.h>

#include "media/image/image_file.hpp"

namespace facegraph::pipeline {

std::filesystem::path TempFrames::file_of(std::int64_t number) const {
  return folder_.path() / fmt::format("{:08}.{}", number, format_);
}

void TempFrames::write(std::int64_t number, core::ConstImageView frame) const {
  media::write_temp_image(file_of(number), frame);
}

core::Image TempFrames::read(std::int64_t number) const {
  return media::read_image(file_of(number), media::ReadMode::kAlpha);
}

}  // namespace facegraph::pipeline
