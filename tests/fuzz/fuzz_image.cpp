// Picture reading: whatever the bytes are, decode_image gives a picture of the size that the header tells, or throws
// core::Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "core/base/error.hpp"
#include "media/image/image_file.hpp"
#include "media/image/image_header.hpp"

namespace {

// Large headers over few bytes only fill memory.
constexpr std::int64_t kMaxPixels = 1 << 20;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace media = facegraph::media;
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = media::read_image_header(bytes);
  if (header && std::int64_t{header->size.width} * header->size.height > kMaxPixels) {
    return 0;
  }
  for (const auto mode : {media::ReadMode::kColour, media::ReadMode::kAlpha}) {
    try {
      const auto image = media::decode_image(bytes, mode, "fuzz");
      if (image.empty() || image.channels() < 3 || image.channels() > 4) {
        std::abort();
      }
    } catch (const facegraph::core::Error&) {
    }
  }
  return 0;
}
