#include "media/image/image_header.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <zlib.h>

#include "media/image/byte_reader.hpp"

namespace facegraph::media {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";
constexpr std::uint32_t kOrientationTag = 274;

struct TiffFacts {
  core::Size size;
  int orientation = 1;
};

// First directory of a TIFF structure; EXIF data is one too. The numbers that we need are stored in place: types SHORT
// (3) and LONG (4).
TiffFacts read_tiff(std::span<const std::byte> bytes) {
  const ByteReader reader(bytes, ByteReader(bytes).text_at(0, "MM"));
  TiffFacts facts;
  const std::size_t directory = reader.u32(4);
  const std::uint32_t entries = reader.u16(directory);
  for (std::uint32_t i = 0; i < entries && reader.has(directory + 2 + 12 * i, 12); ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    const std::uint32_t value = reader.u16(entry + 2) == 3 ? reader.u16(entry + 8) : reader.u32(entry + 8);
    switch (reader.u16(entry)) {
      case 256:
        facts.size.width = static_cast<int>(std::min<std::uint32_t>(value, 1U << 30));
        break;
      case 257:
        facts.size.height = static_cast<int>(std::min<std::uint32_t>(value, 1U << 30));
        break;
      case kOrientationTag:
        facts.orientation = value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
        break;
      default:
        break;
    }
  }
  return facts;
}

bool is_frame_header(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// First position at or after `offset` that holds a marker which is no restart and no stuffed zero; size() when there is
// none.
std::size_t next_marker(const ByteReader& reader, std::size_t offset) {
  for (; offset + 1 < reader.size(); ++offset) {
    const std::uint32_t code = reader.u8(offset + 1);
    if (reader.u8(offset) == 0xFF && code != 0 && code != 0xFF && (code < 0xD0 || code > 0xD7)) {
      return offset;
    }
  }
  return reader.size();
}

ImageHeader read_jpeg(std::span<const std::byte> bytes) {
  const ByteReader reader(bytes);
  ImageHeader header{ImageFormat::kJpeg, {}, 1, "it ends before the end-of-image marker"};
  bool scan_seen = false;
  std::size_t offset = 2;
  while ((offset = next_marker(reader, offset)) < reader.size()) {
    const std::uint32_t marker = reader.u8(offset + 1);
    if (marker == 0xD9) {
      header.damage = scan_seen ? "" : "it has no image data";
      break;
    }
    const std::size_t length = reader.u16(offset + 2);
    if (is_frame_header(marker)) {
      header.size = {static_cast<int>(reader.u16(offset + 7)), static_cast<int>(reader.u16(offset + 5))};
    } else if (marker == 0xE1 && reader.text_at(offset + 4, std::string_view("Exif\0\0", 6)) && length > 8) {
      header.orientation = read_tiff(reader.part(offset + 10, length - 8)).orientation;
    }
    scan_seen = scan_seen || marker == 0xDA;
    offset += 2 + std::max<std::size_t>(length, 2);
  }
  return header;
}

struct Chunk {
  std::size_t offset = 0;  // of the length field
  std::size_t length = 0;  // of the data
};

// Calls visit(type, chunk) for every whole chunk with the right checksum until it returns false; returns what was
// wrong.
template <typename Visit>
std::string walk_png(const ByteReader& reader, const Visit& visit) {
  std::size_t offset = kPngSignature.size();
  while (reader.has(offset, 12)) {
    const Chunk chunk{offset, reader.u32(offset)};
    const auto body = reader.part(offset + 4, chunk.length + 4);
    if (body.empty() || !reader.has(offset, chunk.length + 12)) {
      break;
    }
    const std::string type(reinterpret_cast<const char*>(body.data()), 4);
    const auto* data = reinterpret_cast<const Bytef*>(body.data());
    const bool critical = (reader.u8(offset + 4) & 0x20U) == 0;
    if (critical && crc32_z(0, data, body.size()) != reader.u32(offset + 8 + chunk.length)) {
      return fmt::format("the checksum of its chunk {} does not match", type);
    }
    if (!visit(type, chunk)) {
      return "";
    }
    offset += chunk.length + 12;
  }
  return "it ends before the last chunk (IEND)";
}

ImageHeader read_png(std::span<const std::byte> bytes) {
  const ByteReader reader(bytes);
  ImageHeader header{ImageFormat::kPng, {}, 1, ""};
  header.size = {static_cast<int>(std::min<std::uint32_t>(reader.u32(16), 1U << 30)),
                 static_cast<int>(std::min<std::uint32_t>(reader.u32(20), 1U << 30))};
  header.damage = walk_png(reader, [&](const std::string& type, const Chunk& chunk) {
    if (type == "eXIf") {
      header.orientation = read_tiff(reader.part(chunk.offset + 8, chunk.length)).orientation;
    }
    return type != "IEND";
  });
  return header;
}

ImageHeader read_webp(std::span<const std::byte> bytes) {
  const ByteReader reader(bytes, false);
  ImageHeader header{ImageFormat::kWebp, {}, 1, ""};
  const std::size_t declared = std::size_t{reader.u32(4)} + 8;
  if (declared > bytes.size()) {
    header.damage = fmt::format("it has {} of {} bytes", bytes.size(), declared);
  }
  std::size_t offset = 12;
  while (reader.has(offset, 8)) {
    const std::size_t data = offset + 8;
    const std::size_t length = reader.u32(offset + 4);
    if (reader.text_at(offset, "VP8X")) {
      header.size = {static_cast<int>(reader.u24(data + 4) + 1), static_cast<int>(reader.u24(data + 7) + 1)};
    } else if (reader.text_at(offset, "VP8 ") && header.size.width == 0) {
      header.size = {static_cast<int>(reader.u16(data + 6) & 0x3FFFU),
                     static_cast<int>(reader.u16(data + 8) & 0x3FFFU)};
    } else if (reader.text_at(offset, "VP8L") && header.size.width == 0) {
      const std::uint32_t packed = reader.u32(data + 1);
      header.size = {static_cast<int>(packed & 0x3FFFU) + 1, static_cast<int>(packed >> 14 & 0x3FFFU) + 1};
    } else if (reader.text_at(offset, "EXIF")) {
      const auto exif = reader.part(data, length);
      const bool prefixed = ByteReader(exif).text_at(0, std::string_view("Exif\0\0", 6));
      header.orientation = read_tiff(prefixed ? exif.subspan(6) : exif).orientation;
    }
    offset = data + length + (length & 1U);
  }
  return header;
}

ImageHeader read_bmp(std::span<const std::byte> bytes) {
  const ByteReader reader(bytes, false);
  ImageHeader header{ImageFormat::kBmp, {}, 1, ""};
  const bool os2 = reader.u32(14) == 12;
  const std::int64_t width = os2 ? reader.u16(18) : static_cast<std::int32_t>(reader.u32(18));
  const std::int64_t height = os2 ? reader.u16(20) : static_cast<std::int32_t>(reader.u32(22));
  const std::int64_t rows = height < 0 ? -height : height;
  header.size = {static_cast<int>(std::clamp<std::int64_t>(width, 0, 1 << 30)),
                 static_cast<int>(std::clamp<std::int64_t>(rows, 0, 1 << 30))};
  const std::uint32_t bits = os2 ? reader.u16(24) : reader.u16(28);
  const bool compressed = !os2 && reader.u32(30) != 0 && reader.u32(30) != 3;
  // In double: a damaged header may tell anything.
  const double row_bytes = std::ceil(static_cast<double>(width) * bits / 32) * 4;
  const double needed = reader.u32(10) + row_bytes * static_cast<double>(rows);
  if (!compressed && needed > static_cast<double>(bytes.size())) {
    header.damage = fmt::format("it has {} of {:.0f} bytes", bytes.size(), needed);
  }
  return header;
}

}  // namespace

std::optional<ImageHeader> read_image_header(std::span<const std::byte> bytes) {
  const ByteReader reader(bytes);
  if (reader.text_at(0, "\xFF\xD8\xFF")) {
    return read_jpeg(bytes);
  }
  if (reader.text_at(0, kPngSignature)) {
    return read_png(bytes);
  }
  if (reader.text_at(0, "RIFF") && reader.text_at(8, "WEBP")) {
    return read_webp(bytes);
  }
  if (reader.text_at(0, "BM") && bytes.size() > 26) {
    return read_bmp(bytes);
  }
  if (reader.text_at(0, std::string_view("II*\0", 4)) || reader.text_at(0, std::string_view("MM\0*", 4))) {
    const TiffFacts facts = read_tiff(bytes);
    return ImageHeader{ImageFormat::kTiff, facts.size, facts.orientation, ""};
  }
  return std::nullopt;
}

std::string describe_bytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    return "an empty file";
  }
  const ByteReader reader(bytes);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kSignatures = {
      {{"GIF8", "a GIF"},
       {"%PDF", "a PDF"},
       {"PK\x03\x04", "a ZIP archive"},
       {"RIFF", "an AVI or WAV file"},
       {"\x1A\x45\xDF\xA3", "a Matroska video"},
       {"ID3", "an MP3 file"},
       {"<svg", "an SVG drawing"},
       {"8BPS", "a Photoshop file"},
       {"OggS", "an Ogg file"}}};
  for (const auto& [signature, name] : kSignatures) {
    if (reader.text_at(0, signature)) {
      return std::string(name);
    }
  }
  if (reader.text_at(4, "ftyp")) {
    const bool still = reader.text_at(8, "avif") || reader.text_at(8, "heic") || reader.text_at(8, "mif1");
    return still ? "an AVIF or HEIF picture" : "an MP4 video";
  }
  const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 256));
  const bool text = std::all_of(head.begin(), head.end(), [](std::byte byte) {
    const auto c = static_cast<unsigned char>(byte);
    return c >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
  return text ? "text" : "unknown data";
}

std::vector<std::byte> essential_png(std::span<const std::byte> bytes) {
  constexpr std::array<std::string_view, 5> kKept = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
  const ByteReader reader(bytes);
  std::vector<std::byte> out(bytes.begin(), bytes.begin() + kPngSignature.size());
  out.reserve(bytes.size());
  walk_png(reader, [&](const std::string& type, const Chunk& chunk) {
    if (std::find(kKept.begin(), kKept.end(), type) != kKept.end()) {
      const auto part = reader.part(chunk.offset, chunk.length + 12);
      out.insert(out.end(), part.begin(), part.end());
    }
    return type != "IEND";
  });
  return out;
}

}  // namespace facegraph::media
