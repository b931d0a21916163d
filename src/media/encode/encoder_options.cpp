// Names and numbers of spec application.md 4.10 and 4.11.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "media/encode/frame_sink.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::array kAudioEncoders = {"flac", "aac", "libmp3lame", "libopus", "libvorbis", "pcm_s16le", "pcm_s32le"};
constexpr std::array kVideoEncoders = {"libx264",           "libx264rgb",        "libx265",  "libvpx-vp9", "h264_nvenc",
                                       "hevc_nvenc",        "h264_amf",          "hevc_amf", "h264_qsv",   "hevc_qsv",
                                       "h264_videotoolbox", "hevc_videotoolbox", "rawvideo"};

bool ends_with(const std::string& name, std::string_view suffix) {
  return name.size() >= suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool is_x26x(const std::string& encoder) {
  return encoder == "libx264" || encoder == "libx264rgb" || encoder == "libx265";
}

bool is_one_of(const std::string& name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

double linear(double low, double high, int quality) {
  return (high - low) / 100 * quality + low;
}

// Half to even, as the default rounding mode does.
int rounded(double value) {
  return static_cast<int>(std::rint(value));
}

double tenths(double value) {
  return std::rint(10 * value) / 10;
}

void add_quality(Options& options, const std::string& encoder, int quality) {
  const std::string value = std::to_string(rounded(linear(51, 0, quality)));
  if (is_x26x(encoder)) {
    options.emplace_back("crf", value);
  } else if (encoder == "libvpx-vp9") {
    options.emplace_back("crf", std::to_string(rounded(linear(63, 0, quality))));
  } else if (ends_with(encoder, "_nvenc")) {
    options.emplace_back("cq", value);
  } else if (ends_with(encoder, "_amf")) {
    options.insert(options.end(), {{"qp_i", value}, {"qp_p", value}, {"qp_b", value}});
  } else if (ends_with(encoder, "_qsv")) {
    options.emplace_back("qp", value);
  } else if (ends_with(encoder, "_videotoolbox")) {
    options.emplace_back("b", std::to_string(rounded(linear(1024, 50512, quality))) + "k");
  }
}

void add_preset(Options& options, const std::string& encoder, const std::string& preset) {
  if (is_x26x(encoder)) {
    options.emplace_back("preset", preset);
  } else if (ends_with(encoder, "_nvenc")) {
    const bool slow = is_one_of(preset, {"slow", "slower", "veryslow"});
    options.emplace_back("preset", slow ? "slow" : preset == "medium" ? "medium" : "fast");
  } else if (ends_with(encoder, "_amf")) {
    const bool speed = is_one_of(preset, {"ultrafast", "superfast", "veryfast"});
    const bool balanced = is_one_of(preset, {"faster", "fast", "medium"});
    options.emplace_back("quality", speed ? "speed" : balanced ? "balanced" : "quality");
  } else if (ends_with(encoder, "_qsv")) {
    options.emplace_back("preset", is_one_of(preset, {"ultrafast", "superfast"}) ? "veryfast" : preset);
  }
}

template <typename List>
std::vector<std::string> linked(const List& names) {
  std::vector<std::string> present;
  for (const char* name : names) {
    if (avcodec_find_encoder_by_name(name) != nullptr) {
      present.emplace_back(name);
    }
  }
  return present;
}

}  // namespace

std::string substitute_audio_encoder(const std::string& format, const std::string& encoder) {
  if ((format == "avi" && encoder == "libopus") || is_one_of(format, {"m4v", "mpeg", "wmv"}) ||
      (format == "mov" && is_one_of(encoder, {"flac", "libopus"}))) {
    return "aac";
  }
  if (format == "mxf") {
    return "pcm_s16le";
  }
  return format == "webm" ? "libopus" : encoder;
}

std::string substitute_video_encoder(const std::string& format, const std::string& encoder) {
  if (is_one_of(format, {"m4v", "mpeg", "mxf", "wmv"}) || (format == "mov" && encoder == "libvpx-vp9") ||
      (is_one_of(format, {"mkv", "mp4"}) && encoder == "rawvideo")) {
    return "libx264";
  }
  return format == "webm" ? "libvpx-vp9" : encoder;
}

Options video_encoder_options(const std::string& encoder, const std::string& preset, int quality) {
  Options options;
  add_quality(options, encoder, quality);
  add_preset(options, encoder, preset);
  return options;
}

AudioQuality audio_encoder_quality(const std::string& encoder, int quality) {
  AudioQuality result;
  if (encoder == "aac") {
    result.quality_scale = tenths(linear(0.1, 2.0, quality));
  } else if (encoder == "libmp3lame") {
    result.quality_scale = rounded(linear(9, 0, quality));
  } else if (encoder == "libopus") {
    result.bit_rate_k = rounded(linear(64, 256, quality));
  } else if (encoder == "libvorbis") {
    result.quality_scale = tenths(linear(-1, 10, quality));
  }
  return result;
}

std::vector<std::string> available_video_encoders() {
  return linked(kVideoEncoders);
}
std::vector<std::string> available_audio_encoders() {
  return linked(kAudioEncoders);
}

}  // namespace facegraph::media
