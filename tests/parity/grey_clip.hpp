// A clip of 160x96 at 25 frames per second, H.264, whose frames are of one level each.
#pragma once

#include <cstring>
#include <filesystem>

#include "media/encode/frame_sink.hpp"

namespace facegraph::test {

// level(number): of that frame, 0 to 255. quality: as --output-video-quality.
template <typename Level>
void write_grey_clip(const std::filesystem::path& path, int frames, int quality, const Level& level) {
  media::VideoSettings settings;
  settings.path = path;
  settings.size = {160, 96};
  settings.frame_rate = {25, 1};
  settings.encoder = "libx264";
  settings.preset = "ultrafast";
  settings.quality = quality;
  const auto sink = media::create_video(settings);
  for (int i = 0; i < frames; ++i) {
    core::Image frame(settings.size, 3);
    std::memset(frame.view().data, level(i), frame.bytes());
    sink->write(frame, i / 25.0);
  }
  sink->finish();
}

}  // namespace facegraph::test
