#include "media/provenance/xmp_embed.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <zlib.h>

#include "media/image/byte_reader.hpp"

namespace facegraph::media {
namespace {

using Bytes = std::vector<std::byte>;

void put(Bytes& out, std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    out.push_back(byte);
  }
}

void put(Bytes& out, std::string_view text) {
  put(out, std::as_bytes(std::span(text)));
}

void put(Bytes& out, std::uint32_t value, int count, bool big_endian) {
  for (int i = 0; i < count; ++i) {
    out.push_back(static_cast<std::byte>(value >> 8 * (big_endian ? count - 1 - i : i) & 0xFFU));
  }
}

void insert(Bytes& file, std::size_t at, const Bytes& part) {
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
}

// An iTXt chunk behind the header chunk.
Bytes mark_png(Bytes file, const std::string& xmp) {
  constexpr std::size_t kHeaderEnd = 8 + 12 + 13;
  if (!ByteReader(file).text_at(12, "IHDR") || file.size() < kHeaderEnd) {
    return file;
  }
  Bytes body;
  put(body, std::string_view("iTXtXML:com.adobe.xmp\0\0\0\0\0", 26));  // not compressed, no language, no translation
  put(body, xmp);
  Bytes chunk;
  put(chunk, static_cast<std::uint32_t>(body.size() - 4), 4, true);
  put(chunk, body);
  const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  put(chunk, static_cast<std::uint32_t>(checksum), 4, true);
  insert(file, kHeaderEnd, chunk);
  return file;
}

// An APP1 segment behind the JFIF segment, which has to stay the first.
Bytes mark_jpeg(Bytes file, const std::string& xmp) {
  const ByteReader reader(file);
  if (!reader.text_at(0, "\xFF\xD8")) {
    return file;
  }
  const std::size_t at = reader.text_at(2, "\xFF\xE0") ? 4 + reader.u16(4) : 2;
  Bytes segment;
  put(segment, "\xFF\xE1");
  constexpr std::string_view kName("http://ns.adobe.com/xap/1.0/\0", 29);
  put(segment, static_cast<std::uint32_t>(2 + kName.size() + xmp.size()), 2, true);
  put(segment, kName);
  put(segment, xmp);
  insert(file, std::min(at, file.size()), segment);
  return file;
}

// An XMP chunk at the end, announced in the extended header, which plain files get first.
Bytes mark_webp(Bytes file, const std::string& xmp) {
  constexpr std::uint32_t kXmpFlag = 0x04;
  constexpr std::uint32_t kAlphaFlag = 0x10;
  constexpr std::size_t kFirstChunk = 12;
  const ByteReader reader(file, false);
  const bool lossless = reader.text_at(kFirstChunk, "VP8L");
  if (reader.text_at(kFirstChunk, "VP8X")) {
    file[kFirstChunk + 8] |= static_cast<std::byte>(kXmpFlag);
  } else if (lossless || reader.text_at(kFirstChunk, "VP8 ")) {
    const std::size_t data = kFirstChunk + 8;
    const std::uint32_t packed = reader.u32(data + 1);
    const std::uint32_t width = lossless ? (packed & 0x3FFFU) + 1 : reader.u16(data + 6) & 0x3FFFU;
    const std::uint32_t height = lossless ? (packed >> 14 & 0x3FFFU) + 1 : reader.u16(data + 8) & 0x3FFFU;
    const bool alpha = lossless && (packed >> 28 & 1U) != 0;
    Bytes header;
    put(header, "VP8X");
    put(header, 10, 4, false);
    put(header, kXmpFlag | (alpha ? kAlphaFlag : 0U), 4, false);
    put(header, width - 1, 3, false);
    put(header, height - 1, 3, false);
    insert(file, kFirstChunk, header);
  } else {
    return file;
  }
  put(file, "XMP ");
  put(file, static_cast<std::uint32_t>(xmp.size()), 4, false);
  put(file, xmp);
  file.resize(file.size() + xmp.size() % 2);
  Bytes size;
  put(size, static_cast<std::uint32_t>(file.size() - 8), 4, false);
  std::copy(size.begin(), size.end(), file.begin() + 4);
  return file;
}

// Tag 700 in a copy of the first directory, which is put at the end: its entries point into the file and stay valid.
Bytes mark_tiff(Bytes file, const std::string& xmp) {
  constexpr std::uint32_t kXmpTag = 700;
  constexpr std::size_t kEntrySize = 12;
  const ByteReader reader(file, ByteReader(file).text_at(0, "MM"));
  const bool big = ByteReader(file).text_at(0, "MM");
  const std::size_t directory = reader.u32(4);
  const std::uint32_t count = reader.u16(directory);
  const auto entries = reader.part(directory + 2, kEntrySize * count + 4);
  if (entries.empty()) {
    return file;
  }
  const auto packet = static_cast<std::uint32_t>(file.size());
  Bytes end;
  put(end, xmp);
  end.resize(end.size() + (packet + end.size()) % 2);  // directories lie on even places
  const auto place = static_cast<std::uint32_t>(packet + end.size());
  put(end, count + 1, 2, big);
  std::uint32_t before = 0;
  while (before < count && reader.u16(directory + 2 + kEntrySize * before) < kXmpTag) {
    ++before;
  }
  put(end, entries.first(kEntrySize * before));
  put(end, kXmpTag, 2, big);
  put(end, 1, 2, big);  // bytes
  put(end, static_cast<std::uint32_t>(xmp.size()), 4, big);
  put(end, packet, 4, big);
  put(end, entries.subspan(kEntrySize * before));  // with the place of the next directory
  Bytes pointer;
  put(pointer, place, 4, big);
  std::copy(pointer.begin(), pointer.end(), file.begin() + 4);
  put(file, end);
  return file;
}

}  // namespace

std::vector<std::byte> with_xmp(std::vector<std::byte> file, const std::string& format, const std::string& xmp) {
  constexpr std::array<std::pair<std::string_view, Bytes (*)(Bytes, const std::string&)>, 4> kMarkers = {
      {{"jpeg", mark_jpeg}, {"png", mark_png}, {"tiff", mark_tiff}, {"webp", mark_webp}}};
  for (const auto& [name, mark] : kMarkers) {
    if (format == name) {
      return mark(std::move(file), xmp);
    }
  }
  return file;
}

std::vector<std::byte> xmp_box(const std::string& xmp) {
  constexpr std::string_view kKind("\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC", 16);
  Bytes box;
  put(box, static_cast<std::uint32_t>(4 + 4 + kKind.size() + xmp.size()), 4, true);
  put(box, "uuid");
  put(box, kKind);
  put(box, xmp);
  return box;
}

// An application extension. It holds the packet as it is; the bytes 01 FF FE .. 00 behind it lead a reader of
// sub-blocks out, wherever in the packet it has come to.
std::vector<std::byte> xmp_gif_end(const std::string& xmp) {
  Bytes end;
  put(end, "\x21\xFF\x0BXMP DataXMP");
  put(end, xmp);
  end.push_back(std::byte{1});
  for (int value = 0xFF; value >= 0; --value) {
    end.push_back(static_cast<std::byte>(value));
  }
  put(end, std::string_view("\0\x3B", 2));
  return end;
}

}  // namespace facegraph::media
