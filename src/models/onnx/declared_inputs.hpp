// What an ONNX file says that it takes, read without loading it: some models of a family have an input that others
// lack, or a size of their own. Field numbers: onnx.proto3 (GraphProto.input 11, ValueInfoProto name 1, type 2,
// TypeProto tensor_type 1, its shape 2, dim 1, dim_value 1).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace facegraph::models {

struct DeclaredInput {
  std::string name;
  std::vector<std::int64_t> dims;  // -1: open; empty: a scalar, or nothing is said
};

// In file order. Throws Error(kFailed) naming the file when it cannot be read or is damaged.
std::vector<DeclaredInput> declared_inputs(const std::filesystem::path& path);

// The one of that name; null: the model has no such input.
const DeclaredInput* find_input(const std::vector<DeclaredInput>& inputs, std::string_view name);

}  // namespace facegraph::models
