// Picture files: png, jpeg, webp, bmp, tiff.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "core/types/image.hpp"
#include "media/provenance/provenance.hpp"

namespace facegraph::media {

// kColour: 3 channels BGR, 8 bit, EXIF orientation applied, alpha dropped, grey expanded. kAlpha: the same, but a
// fourth channel is kept where the file has one (the reference's unchanged mode crashes on grey, palette and 16-bit
// files: defect D9).
enum class ReadMode { kColour, kAlpha };
// Throws Error(kFailed), one line: missing, not a picture (what it looks like), truncated, too large (limit 2^15 per
// side).
core::Image read_image(const std::filesystem::path& path, ReadMode mode);
core::Image decode_image(std::span<const std::byte> bytes, ReadMode mode, const std::string& name);
// Size as read_image gives it.
core::Size image_size(const std::filesystem::path& path);

// Scales to `size` if it differs, as FFmpeg's -s does (swscale, bicubic). 3 or 4 channels.
core::Image scale_image(core::ConstImageView image, core::Size size);

// Written beside the final name and renamed. quality 0..100 (spec 4.11): jpeg as FFmpeg's mjpeg with -q:v rint(31 -
// 0.31 q), webp -q:v q; png, bmp, tiff are lossless. Alpha is dropped for jpeg. The mark goes into every format but
// bmp, which has no place for it.
void write_image(const std::filesystem::path& path, core::ConstImageView image, int quality,
                 const Provenance& provenance = {});
// For files that only this run reads: at the best quality, without a mark, and nobody waits for the disk.
void write_temp_image(const std::filesystem::path& path, core::ConstImageView image);

}  // namespace facegraph::media
