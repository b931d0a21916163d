// A clip for benches of whole videos.
#pragma once

#include <filesystem>

#include "core/types/image.hpp"

namespace facegraph::bench {

// H.264 at 25 frames per second: the photo fitted to the frame's height, panned to and fro, so that the faces stay in
// view and every frame differs. Throws as reading and writing pictures and videos do.
void make_panned_clip(const std::filesystem::path& path, const std::filesystem::path& photo, core::Size size,
                      double seconds);

}  // namespace facegraph::bench
