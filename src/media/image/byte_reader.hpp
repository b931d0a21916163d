// Bounds-checked reading of file headers: beyond the end everything is zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace facegraph::media {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes, bool big_endian = true) : bytes_(bytes), big_(big_endian) {}

  std::size_t size() const { return bytes_.size(); }
  bool has(std::size_t offset, std::size_t count) const { return offset <= size() && count <= size() - offset; }
  std::uint32_t u8(std::size_t offset) const { return has(offset, 1) ? static_cast<std::uint32_t>(bytes_[offset]) : 0; }
  std::uint32_t u16(std::size_t offset) const {
    return big_ ? u8(offset) << 8 | u8(offset + 1) : u8(offset + 1) << 8 | u8(offset);
  }
  std::uint32_t u24(std::size_t offset) const {
    return big_ ? u16(offset) << 8 | u8(offset + 2) : u8(offset + 2) << 16 | u16(offset);
  }
  std::uint32_t u32(std::size_t offset) const {
    return big_ ? u16(offset) << 16 | u16(offset + 2) : u16(offset + 2) << 16 | u16(offset);
  }
  bool text_at(std::size_t offset, std::string_view text) const {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (!has(offset + i, 1) || u8(offset + i) != static_cast<unsigned char>(text[i])) {
        return false;
      }
    }
    return true;
  }
  // Empty when it does not lie inside.
  std::span<const std::byte> part(std::size_t offset, std::size_t count) const {
    return has(offset, count) ? bytes_.subspan(offset, count) : std::span<const std::byte>();
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_;
};

}  // namespace facegraph::media
