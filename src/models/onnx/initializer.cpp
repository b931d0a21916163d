#include "models/onnx/initializer.hpp"

#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "models/onnx/protobuf_reader.hpp"

namespace facegraph::models {

namespace {

constexpr int kModelGraph = 7;
constexpr int kGraphInitializer = 5;
constexpr int kTensorDims = 1;
constexpr int kTensorType = 2;
constexpr int kTensorFloatData = 4;
constexpr int kTensorRawData = 9;
constexpr std::uint64_t kTypeFloat = 1;
constexpr std::uint64_t kTypeFloat16 = 10;

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

Initializer read_tensor(ProtobufReader& reader, Extent tensor) {
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
  ProtobufReader reader(path);
  std::optional<Extent> last;
  Extent model = reader.whole();
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
