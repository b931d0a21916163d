// Pictures to the bytes of a file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/types/image.hpp"

namespace facegraph::media {

// format as format_of gives it; name is for messages. Throws Error(kUsage) for a format that is not written.
std::vector<std::byte> encode_image(core::ConstImageView image, const std::string& format, int quality,
                                    const std::string& name);

}  // namespace facegraph::media
