// Videos of equal making, one after the other in one file, without encoding them again.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "media/encode/frame_sink.hpp"

namespace facegraph::media {

// Copies the packets of each part's first video and first sound stream; a part starts where the picture of the part
// before it ends. With `sound`, that is encoded beside the picture and the parts' own sound is left out: parts that are
// segments of one film are written without sound, as every encoder of sound adds a little at both ends.
//
// The output has the parts' extension and is written beside and renamed. Throws Error(kFailed), one line: no parts, a
// part that cannot be read, parts of different kinds (codec, size, pixel format, sample rate), no space.
void concat_videos(std::span<const std::filesystem::path> parts, const std::filesystem::path& output,
                   const std::optional<AudioSettings>& sound = std::nullopt);

}  // namespace facegraph::media
