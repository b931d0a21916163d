// A whole sound in memory, for models that listen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace facegraph::media {

inline constexpr int kSoundRate = 48000;  // samples per second

// The first audio stream at kSoundRate, left and right in turn, from its first sample on; silence stands where the file
// has none. Throws Error(kFailed): not readable, no sound.
std::vector<std::int16_t> read_sound(const std::filesystem::path& path);

}  // namespace facegraph::media
