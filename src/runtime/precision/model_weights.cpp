#include "runtime/precision/model_weights.hpp"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "runtime/precision/model_file.hpp"

namespace facegraph::runtime {

namespace {

std::optional<ElementType> type_of(const onnx::TensorProto& weight) {
  switch (weight.data_type()) {
    case onnx::TensorProto::FLOAT:
      return ElementType::kF32;
    case onnx::TensorProto::FLOAT16:
      return ElementType::kF16;
    default:
      return std::nullopt;
  }
}

std::uintmax_t number_in(const std::string& text) {
  std::uintmax_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// From the file beside the model that the weight names; empty where it has them not.
std::string external_bytes(const onnx::TensorProto& weight, const std::filesystem::path& onnx) {
  std::filesystem::path location;
  std::uintmax_t offset = 0;
  std::uintmax_t length = 0;
  for (const onnx::StringStringEntryProto& entry : weight.external_data()) {
    if (entry.key() == "location") {
      location = onnx.parent_path() / entry.value();
    } else if (entry.key() == "offset") {
      offset = number_in(entry.value());
    } else if (entry.key() == "length") {
      length = number_in(entry.value());
    }
  }
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(location, none);
  if (none || length > size) {
    return {};
  }
  std::string bytes(length, '\0');
  std::ifstream file(location, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(bytes.data(), static_cast<std::streamsize>(length));
  return file ? bytes : std::string();
}

// Empty where they lie in a form that hardly any file has.
std::string bytes_in(const onnx::TensorProto& weight, const std::filesystem::path& onnx) {
  if (weight.data_location() == onnx::TensorProto::EXTERNAL) {
    return external_bytes(weight, onnx);
  }
  if (weight.data_type() == onnx::TensorProto::FLOAT && weight.float_data_size() > 0) {
    return {reinterpret_cast<const char*>(weight.float_data().data()), weight.float_data_size() * sizeof(float)};
  }
  return weight.raw_data();
}

}  // namespace

void read_weights(const std::filesystem::path& onnx, std::size_t least_bytes, const TakeWeight& take) {
  const onnx::ModelProto model = read_model(onnx);
  for (const onnx::TensorProto& found : model.graph().initializer()) {
    const std::optional<ElementType> type = type_of(found);
    if (!type) {
      continue;
    }
    const Tensor weight{.name = found.name(), .type = *type, .shape = {found.dims().begin(), found.dims().end()}};
    if (weight.bytes() < least_bytes) {
      continue;
    }
    const std::string bytes = bytes_in(found, onnx);
    if (bytes.size() == weight.bytes()) {
      take(weight, bytes);
    }
  }
}

}  // namespace facegraph::runtime
