// What the bytes of a picture file say about themselves, read without decoding.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/types/image.hpp"

namespace facegraph::media {

enum class ImageFormat { kBmp, kJpeg, kPng, kTiff, kWebp };

struct ImageHeader {
  ImageFormat format = ImageFormat::kPng;
  core::Size size;      // as stored
  int orientation = 1;  // EXIF tag 274, 1..8
  std::string damage;   // why the file cannot be complete; empty when nothing was found wrong
};

// None: no picture format that we read.
std::optional<ImageHeader> read_image_header(std::span<const std::byte> bytes);

// What unknown bytes look like, for messages: "a GIF", "text", ...
std::string describe_bytes(std::span<const std::byte> bytes);

// A PNG file's chunks that matter for its pixels: without colour profiles, texts and the like, about which libpng
// prints complaints.
std::vector<std::byte> essential_png(std::span<const std::byte> bytes);

}  // namespace facegraph::media
