// Writes tiny ONNX files (IR version 8, operator set 13), so that tests need no model from elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace facegraph::test {

// Numbers of onnx.proto3, TensorProto.DataType.
enum class OnnxType { kFloat = 1, kUint8 = 2, kInt32 = 6, kInt64 = 7, kBool = 9, kFloat16 = 10, kDouble = 11 };

// A size, or the name of an open one.
struct OnnxDim {
  OnnxDim(std::int64_t size_) : size(size_) {}       // NOLINT(google-explicit-constructor): {1, 3, "height"}
  OnnxDim(const char* symbol_) : symbol(symbol_) {}  // NOLINT(google-explicit-constructor)

  std::int64_t size = 0;
  std::string symbol;
};

struct OnnxValue {
  std::string name;
  std::vector<OnnxDim> shape;
  OnnxType type = OnnxType::kFloat;
};

// No attributes.
struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

struct OnnxInitializer {
  std::string name;
  std::vector<std::int64_t> dims;
  OnnxType type = OnnxType::kFloat;
  std::string raw;  // little endian, row-major; raw_bytes() makes it
  bool packed_dims = false;
  bool typed_field = false;  // float_data instead of raw_data
};

struct OnnxModel {
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
  std::vector<OnnxNode> nodes;
  std::vector<OnnxInitializer> initializers = {};

  // The graph stands last in the file: every shorter file is damaged.
  std::string bytes() const;
  void write(const std::filesystem::path& path) const;
};

template <typename T>
std::string raw_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// A float32 initializer.
OnnxInitializer constant(const std::string& name, const std::vector<std::int64_t>& dims,
                         const std::vector<float>& values);

// A model that gives the same tensors whatever it is fed: output i is initializer i.
OnnxModel constant_model(const OnnxValue& input, const std::vector<OnnxInitializer>& outputs);

}  // namespace facegraph::test
