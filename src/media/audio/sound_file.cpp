#include "media/audio/sound_file.hpp"

#include <fmt/core.h>

#include "core/base/error.hpp"
#include "media/audio/audio_reader.hpp"

namespace facegraph::media {

std::vector<std::int16_t> read_sound(const std::filesystem::path& path) {
  AudioReader reader(path, {},
                     fmt::format("aformat=sample_fmts=s16:sample_rates={}:channel_layouts=stereo", kSoundRate));
  std::vector<std::int16_t> sound;
  while (const FramePtr frame = reader.next()) {
    const auto* samples = reinterpret_cast<const std::int16_t*>(frame->data[0]);
    sound.insert(sound.end(), samples, samples + 2 * static_cast<std::ptrdiff_t>(frame->nb_samples));
  }
  if (sound.empty()) {
    core::fail(core::ErrorCode::kFailed, "{}: no sound could be decoded", path.string());
  }
  return sound;
}

}  // namespace facegraph::media
