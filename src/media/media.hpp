// What a file is, by its name: spec application.md 2.5. Content is looked at by probe and the readers.
#pragma once

#include <filesystem>
#include <string>

namespace facegraph::media {

enum class MediaKind { kNone, kImage, kVideo, kAudio };

// Last extension, lower-cased, without the dot, aliases resolved (jpg -> jpeg, tif -> tiff, mpg -> mpeg); gif counts as
// video (a target that the reference does not take: docs/differences.md).
std::string format_of(const std::filesystem::path& path);
// kNone unless the path is an existing regular file of a listed format.
MediaKind kind_of(const std::filesystem::path& path);

}  // namespace facegraph::media
