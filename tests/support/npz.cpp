#include "support/npz.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <regex>
#include <stdexcept>

#include <zlib.h>

namespace facegraph::test {

namespace {

// Zip records: https://pkware.cachefly.net/webdocs/APPNOTE, 4.3.7, 4.3.12, 4.3.16.
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kLocalSize = 30;

using Bytes = std::vector<std::byte>;

template <typename T>
T read(std::span<const std::byte> bytes, std::size_t offset) {
  if (offset + sizeof(T) > bytes.size()) {
    throw std::runtime_error("npz: file is cut short");
  }
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("npz: cannot open " + path.string());
  }
  Bytes bytes(std::filesystem::file_size(path));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

Bytes inflate_raw(std::span<const std::byte> packed, std::size_t size) {
  Bytes out(size);
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflateInit2(&stream, -MAX_WBITS);
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (status != Z_STREAM_END || stream.avail_out != 0) {
    throw std::runtime_error("npz: entry does not inflate");
  }
  return out;
}

Array parse_npy(const Bytes& file) {
  if (file.size() < 12 || std::memcmp(file.data(), "\x93NUMPY", 6) != 0) {
    throw std::runtime_error("npz: entry is not an .npy file");
  }
  const bool long_header = read<std::uint8_t>(file, 6) > 1;
  const std::size_t start = long_header ? 12 : 10;
  const std::size_t length = long_header ? read<std::uint32_t>(file, 8) : read<std::uint16_t>(file, 8);
  const std::string header(reinterpret_cast<const char*>(file.data()) + start, length);
  static const std::regex pattern(R"('descr': '[<|]([a-zU])(\d+)', 'fortran_order': False, 'shape': \(([^)]*)\))");
  std::smatch match;
  if (!std::regex_search(header, match, pattern)) {
    throw std::runtime_error("npz: header not understood: " + header);
  }
  Array array;
  array.dtype = match[1] == "U" ? "U" : match[1].str() + match[2].str();
  const std::string shape = match[3];
  static const std::regex number(R"(\d+)");
  for (std::sregex_iterator it(shape.begin(), shape.end(), number), end; it != end; ++it) {
    array.shape.push_back(std::stoll(it->str()));
  }
  array.bytes.assign(file.begin() + static_cast<std::ptrdiff_t>(start + length), file.end());
  return array;
}

double half_to_double(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  const double sign = (half & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) {
    return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
  }
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25));
}

template <typename T>
std::vector<double> widen(const Array& array) {
  const auto values = array.as<T>();
  return {values.begin(), values.end()};
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 63));
    out += static_cast<char>(0x80 | ((c >> 6) & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

}  // namespace

std::size_t Array::size() const {
  std::size_t count = 1;
  for (const std::int64_t side : shape) {
    count *= static_cast<std::size_t>(side);
  }
  return count;
}

std::vector<double> Array::doubles() const {
  if (dtype == "u1" || dtype == "b1") return widen<std::uint8_t>(*this);
  if (dtype == "i2") return widen<std::int16_t>(*this);
  if (dtype == "i4") return widen<std::int32_t>(*this);
  if (dtype == "i8") return widen<std::int64_t>(*this);
  if (dtype == "f4") return widen<float>(*this);
  if (dtype == "f8") return widen<double>(*this);
  if (dtype == "f2") {
    std::vector<double> values;
    for (const std::uint16_t half : as<std::uint16_t>()) {
      values.push_back(half_to_double(half));
    }
    return values;
  }
  throw std::runtime_error("npz: " + dtype + " is not a number type");
}

std::string Array::text() const {
  if (dtype != "U" || !shape.empty()) {
    throw std::runtime_error("npz: " + dtype + " is not a text scalar");
  }
  std::string out;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    const auto code = read<std::uint32_t>(bytes, i);
    if (code != 0) {
      append_utf8(out, code);
    }
  }
  return out;
}

core::Image Array::image() const {
  if (shape.size() < 2 || shape.size() > 3) {
    throw std::runtime_error("npz: array is not a picture");
  }
  const core::Depth depth = dtype == "u1"   ? core::Depth::kU8
                            : dtype == "f4" ? core::Depth::kF32
                            : dtype == "f8" ? core::Depth::kF64
                                            : throw std::runtime_error("npz: no picture of " + dtype);
  const int channels = shape.size() == 3 ? static_cast<int>(shape[2]) : 1;
  core::Image image(static_cast<int>(shape[1]), static_cast<int>(shape[0]), channels, depth);
  std::memcpy(image.view().data, bytes.data(), image.bytes());
  return image;
}

Npz::Npz(const std::filesystem::path& path) : file_(path.string()) {
  const Bytes archive = read_file(path);
  if (archive.size() < kEndSize) {
    throw std::runtime_error("npz: " + file_ + " is too short");
  }
  std::size_t end = archive.size() - kEndSize;
  while (read<std::uint32_t>(archive, end) != kEndSignature) {
    if (end-- == 0) {
      throw std::runtime_error("npz: " + file_ + " is not a zip archive");
    }
  }
  const int count = read<std::uint16_t>(archive, end + 10);
  std::size_t at = read<std::uint32_t>(archive, end + 16);
  for (int i = 0; i < count; ++i) {
    if (read<std::uint32_t>(archive, at) != kCentralSignature) {
      throw std::runtime_error("npz: " + file_ + " has a broken directory");
    }
    const bool packed = read<std::uint16_t>(archive, at + 10) != 0;
    const std::size_t packed_size = read<std::uint32_t>(archive, at + 20);
    const std::size_t size = read<std::uint32_t>(archive, at + 24);
    const std::size_t name_size = read<std::uint16_t>(archive, at + 28);
    const std::size_t local = read<std::uint32_t>(archive, at + 42);
    std::string name(reinterpret_cast<const char*>(archive.data()) + at + kCentralSize, name_size);
    // The local header's extra field may differ in length from the directory's.
    const std::size_t data =
        local + kLocalSize + read<std::uint16_t>(archive, local + 26) + read<std::uint16_t>(archive, local + 28);
    const auto body = std::span(archive).subspan(data, packed_size);
    const Bytes npy = packed ? inflate_raw(body, size) : Bytes(body.begin(), body.end());
    if (name.ends_with(".npy")) {
      name.resize(name.size() - 4);
    }
    arrays_.emplace(name, parse_npy(npy));
    at += kCentralSize + name_size + read<std::uint16_t>(archive, at + 30) + read<std::uint16_t>(archive, at + 32);
  }
}

const Array& Npz::operator[](const std::string& name) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) {
    throw std::runtime_error("npz: " + file_ + " has no entry " + name);
  }
  return found->second;
}

std::optional<std::filesystem::path> shared_folder() {
  const char* variable = std::getenv("FACEGRAPH_SHARED");
  const std::filesystem::path folder = variable != nullptr ? variable : FACEGRAPH_SHARED_DEFAULT;
  if (!std::filesystem::is_directory(folder)) {
    return std::nullopt;
  }
  return folder;
}

}  // namespace facegraph::test
