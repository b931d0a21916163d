#include "models/onnx/initializer.hpp"

#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include "core/base/error.hpp"

namespace facegraph::models {

namespace {

using core::ErrorCode;

constexpr int kModelGraph = 7;
constexpr int kGraphInitializer = 5;
constexpr int kTensorDims = 1;
constexpr int kTensorType = 2;
constexpr int kTensorFloatData = 4;
constexpr int kTensorRawData = 9;
constexpr std::uint64_t kTypeFloat = 1;
constexpr std::uint64_t kTypeFloat16 = 10;

// A message within the file: [position, end).
struct Extent {
  std::uint64_t position = 0;
  std::uint64_t end = 0;
};

// One field of a message: a number, or the extent of its bytes.
struct Field {
  int number = 0;
  std::uint64_t value = 0;
  Extent bytes;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : name_(path.filename().string()), stream_(path, std::ios::binary) {
    if (!stream_) {
      core::fail(ErrorCode::kFailed, "{}: cannot be read", path.string());
    }
    size_ = std::filesystem::file_size(path);
  }

  std::uint64_t size() const { return size_; }

  [[noreturn]] void damaged() const { core::fail(ErrorCode::kFailed, "{}: is damaged or no ONNX file", name_); }

  // The next field of the message, which is consumed; none at its end.
  std::optional<Field> next(Extent& message) {
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

  std::uint64_t varint(Extent& message) {
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

  std::vector<char> read(const Extent& extent) {
    std::vector<char> data(extent.end - extent.position);
    stream_.seekg(static_cast<std::streamoff>(extent.position));
    stream_.read(data.data(), static_cast<std::streamsize>(data.size()));
    if (!stream_) {
      damaged();
    }
    return data;
  }

 private:
  Extent take(Extent& message, std::uint64_t length) {
    if (length > message.end - message.position) {
      damaged();
    }
    const Extent bytes{message.position, message.position + length};
    message.position = bytes.end;
    return bytes;
  }

  std::string name_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

float widen_half(std::uint16_t half) {
  const int exponent = (half >> 10) & 0x1F;
  const int mantissa = half & 0x3FF;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0) {
    return sign * std::ldexp(static_cast<float>(mantissa), -24);
  }
  if (exponent == 31) {
    return mantissa == 0 ? sign * INFINITY : NAN;
  }
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

std::vector<float> to_floats(const std::vector<char>& bytes, std::uint64_t type) {
  std::vector<float> values(bytes.size() / (type == kTypeFloat ? 4 : 2));
  if (type == kTypeFloat) {
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, &bytes[2 * i], sizeof half);
    values[i] = widen_half(half);
  }
  return values;
}

Initializer read_tensor(Reader& reader, Extent tensor) {
  Initializer result;
  std::uint64_t type = 0;
  std::vector<char> data;
  while (const auto field = reader.next(tensor)) {
    if (field->number == kTensorDims && field->bytes.end > 0) {
      for (Extent packed = field->bytes; packed.position < packed.end;) {
        result.dims.push_back(static_cast<std::int64_t>(reader.varint(packed)));
      }
    } else if (field->number == kTensorDims) {
      result.dims.push_back(static_cast<std::int64_t>(field->value));
    } else if (field->number == kTensorType) {
      type = field->value;
    } else if (field->number == kTensorRawData || field->number == kTensorFloatData) {
      data = reader.read(field->bytes);
    }
  }
  std::uint64_t count = 1;
  for (const std::int64_t size : result.dims) {
    count *= static_cast<std::uint64_t>(size);
  }
  if ((type != kTypeFloat && type != kTypeFloat16) || data.size() != count * (type == kTypeFloat ? 4 : 2)) {
    reader.damaged();
  }
  result.values = to_floats(data, type);
  return result;
}

}  // namespace

Initializer last_initializer(const std::filesystem::path& path) {
  Reader reader(path);
  std::optional<Extent> last;
  Extent model{0, reader.size()};
  while (const auto field = reader.next(model)) {
    if (field->number != kModelGraph) {
      continue;
    }
    Extent graph = field->bytes;
    while (const auto part = reader.next(graph)) {
      if (part->number == kGraphInitializer) {
        last = part->bytes;
      }
    }
  }
  if (!last) {
    reader.damaged();
  }
  return read_tensor(reader, *last);
}

}  // namespace facegraph::models
