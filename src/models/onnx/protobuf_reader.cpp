#include "models/onnx/protobuf_reader.hpp"

#include "core/base/error.hpp"

namespace facegraph::models {

using core::ErrorCode;

ProtobufReader::ProtobufReader(const std::filesystem::path& path)
    : name_(path.filename().string()), stream_(path, std::ios::binary) {
  if (!stream_) {
    core::fail(ErrorCode::kFailed, "{}: cannot be read", path.string());
  }
  size_ = std::filesystem::file_size(path);
}

void ProtobufReader::damaged() const {
  core::fail(ErrorCode::kFailed, "{}: is damaged or no ONNX file", name_);
}

std::optional<Field> ProtobufReader::next(Extent& message) {
  if (message.position >= message.end) {
    return std::nullopt;
  }
  const std::uint64_t key = varint(message);
  Field field{static_cast<int>(key >> 3), 0, {}};
  switch (key & 7) {
    case 0:
      field.value = varint(message);
      break;
    case 1:
      field.bytes = take(message, 8);
      break;
    case 2: {
      const std::uint64_t length = varint(message);
      field.bytes = take(message, length);
      break;
    }
    case 5:
      field.bytes = take(message, 4);
      break;
    default:
      damaged();
  }
  return field;
}

std::uint64_t ProtobufReader::varint(Extent& message) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (message.position >= message.end) {
      damaged();
    }
    stream_.seekg(static_cast<std::streamoff>(message.position++));
    const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(stream_.get()));
    value |= (byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) {
      return value;
    }
  }
  damaged();
}

std::vector<char> ProtobufReader::read(const Extent& extent) {
  std::vector<char> data(extent.end - extent.position);
  stream_.seekg(static_cast<std::streamoff>(extent.position));
  stream_.read(data.data(), static_cast<std::streamsize>(data.size()));
  if (!stream_) {
    damaged();
  }
  return data;
}

std::string ProtobufReader::text(const Extent& extent) {
  const std::vector<char> data = read(extent);
  return {data.begin(), data.end()};
}

Extent ProtobufReader::take(Extent& message, std::uint64_t length) {
  if (length > message.end - message.position) {
    damaged();
  }
  const Extent bytes{message.position, message.position + length};
  message.position = bytes.end;
  return bytes;
}

}  // namespace facegraph::models
