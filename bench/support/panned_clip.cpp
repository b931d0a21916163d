#include "support/panned_clip.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "media/encode/frame_sink.hpp"
#include "media/image/image_file.hpp"

namespace facegraph::bench {

void make_panned_clip(const std::filesystem::path& path, const std::filesystem::path& photo_path, core::Size size,
                      double seconds) {
  const core::Image photo = media::read_image(photo_path, media::ReadMode::kColour);
  const core::Image fitted =
      media::scale_image(photo, {photo.width() * size.height / photo.height() / 2 * 2, size.height});
  media::VideoSettings settings;
  settings.path = path;
  settings.size = size;
  settings.frame_rate = {25, 1};
  settings.quality = 55;  // CRF 23: what videos in the wild look like to a decoder
  const auto sink = media::create_video(settings);
  const int frames = static_cast<int>(seconds * 25);
  const int room = size.width - fitted.width();
  for (int i = 0; i < frames; ++i) {
    core::Image frame = core::Image::zeros(size.width, size.height, 3);
    const double place = 0.5 + 0.5 * std::sin(i * 0.05);
    const int x = static_cast<int>(std::abs(room) * place);
    const int width = std::min(fitted.width(), size.width);
    core::copy(frame.view().crop(room > 0 ? x : 0, 0, width, size.height),
               fitted.view().crop(room > 0 ? 0 : x, 0, width, size.height));
    sink->write(frame, i / 25.0);
  }
  sink->finish();
}

}  // namespace facegraph::bench
