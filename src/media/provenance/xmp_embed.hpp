// Where an XMP packet stands in a file; pixels stay as they are. Adobe, XMP specification part 3.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace facegraph::media {

// A picture file with the packet in it. format as format_of gives it: jpeg, png, tiff, webp. Other formats (bmp) have
// no place for it and come back as they are. `file` is one that this program's encoders wrote: damaged ones come back
// unchanged too.
std::vector<std::byte> with_xmp(std::vector<std::byte> file, const std::string& format, const std::string& xmp);

// The box at the end of an MP4 or QuickTime file.
std::vector<std::byte> xmp_box(const std::string& xmp);

// What stands in the place of a GIF's last byte, the trailer included.
std::vector<std::byte> xmp_gif_end(const std::string& xmp);

}  // namespace facegraph::media
