// Facts about a video file, read by FFmpeg's libraries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/types/image.hpp"

namespace facegraph::media {

struct Rational {
  std::int64_t num = 0;
  std::int64_t den = 1;

  double value() const { return den == 0 ? 0.0 : static_cast<double>(num) / static_cast<double>(den); }
};

struct VideoInfo {
  core::Size size;      // as displayed: rotation side data applied (the reference ignores it: defect D4)
  int rotation = 0;     // 0, 90, 180, 270: clockwise turn that the decoder applies
  Rational frame_rate;  // r_frame_rate, or the average when that is no sane rate
  bool variable_frame_rate = false;
  std::int64_t frame_total = 0;  // number of frames by the container; an estimate until decoded
  double duration = 0;           // seconds
  std::string codec;
  std::string pixel_format;
  std::string colour_space;  // "bt709", "unknown", ...
  std::string colour_transfer;
  bool has_audio = false;
  int audio_streams = 0;
  int subtitle_streams = 0;
};

// Throws Error(kFailed), one line naming the file and what is wrong: not readable, no video stream, no frames, ...
VideoInfo probe_video(const std::filesystem::path& path);

}  // namespace facegraph::media
