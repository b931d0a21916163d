#include "models/onnx/declared_inputs.hpp"

#include <algorithm>

#include "models/onnx/protobuf_reader.hpp"

namespace facegraph::models {

namespace {

constexpr int kModelGraph = 7;
constexpr int kGraphInput = 11;
constexpr int kValueName = 1;
constexpr int kValueType = 2;
constexpr int kTypeTensor = 1;
constexpr int kTensorShape = 2;
constexpr int kShapeDim = 1;
constexpr int kDimValue = 1;

// Calls visit(field) for each field of that number.
template <typename Visit>
void for_each_field(ProtobufReader& reader, Extent message, int number, Visit visit) {
  while (const auto field = reader.next(message)) {
    if (field->number == number) {
      visit(*field);
    }
  }
}

DeclaredInput read_input(ProtobufReader& reader, const Extent& value) {
  DeclaredInput input;
  for_each_field(reader, value, kValueName, [&](const Field& name) { input.name = reader.text(name.bytes); });
  const auto add_dim = [&](const Field& dim) {
    input.dims.push_back(-1);
    for_each_field(reader, dim.bytes, kDimValue,
                   [&](const Field& size) { input.dims.back() = static_cast<std::int64_t>(size.value); });
  };
  for_each_field(reader, value, kValueType, [&](const Field& type) {
    for_each_field(reader, type.bytes, kTypeTensor, [&](const Field& tensor) {
      for_each_field(reader, tensor.bytes, kTensorShape,
                     [&](const Field& shape) { for_each_field(reader, shape.bytes, kShapeDim, add_dim); });
    });
  });
  return input;
}

}  // namespace

std::vector<DeclaredInput> declared_inputs(const std::filesystem::path& path) {
  ProtobufReader reader(path);
  std::vector<DeclaredInput> inputs;
  bool has_graph = false;
  for_each_field(reader, reader.whole(), kModelGraph, [&](const Field& graph) {
    has_graph = true;
    for_each_field(reader, graph.bytes, kGraphInput,
                   [&](const Field& value) { inputs.push_back(read_input(reader, value.bytes)); });
  });
  if (!has_graph) {
    reader.damaged();
  }
  return inputs;
}

const DeclaredInput* find_input(const std::vector<DeclaredInput>& inputs, std::string_view name) {
  const auto found =
      std::find_if(inputs.begin(), inputs.end(), [&](const DeclaredInput& input) { return input.name == name; });
  return found == inputs.end() ? nullptr : &*found;
}

}  // namespace facegraph::models
