#include "support/onnx_writer.hpp"

#include <fstream>

#include "support/protobuf.hpp"

namespace facegraph::test {

namespace {

std::string value_info(const OnnxValue& value) {
  std::string shape;
  for (const OnnxDim& dim : value.shape) {
    const auto size = static_cast<std::uint64_t>(dim.size);
    shape += bytes_field(1, dim.symbol.empty() ? number_field(1, size) : bytes_field(2, dim.symbol));
  }
  const std::string tensor = number_field(1, static_cast<std::uint64_t>(value.type)) + bytes_field(2, shape);
  return bytes_field(1, value.name) + bytes_field(2, bytes_field(1, tensor));
}

std::string node_proto(const OnnxNode& node) {
  std::string text;
  for (const std::string& input : node.inputs) {
    text += bytes_field(1, input);
  }
  for (const std::string& output : node.outputs) {
    text += bytes_field(2, output);
  }
  return text + bytes_field(4, node.op);
}

std::string tensor_proto(const OnnxInitializer& tensor) {
  std::string dims;
  std::string packed;
  for (const std::int64_t size : tensor.dims) {
    dims += number_field(1, static_cast<std::uint64_t>(size));
    packed += varint(static_cast<std::uint64_t>(size));
  }
  return (tensor.packed_dims ? bytes_field(1, packed) : dims) +
         number_field(2, static_cast<std::uint64_t>(tensor.type)) + bytes_field(8, tensor.name) +
         bytes_field(tensor.typed_field ? 4 : 9, tensor.raw);
}

}  // namespace

std::string OnnxModel::bytes() const {
  std::string graph;
  for (const OnnxNode& node : nodes) {
    graph += bytes_field(1, node_proto(node));
  }
  graph += bytes_field(2, "test");
  for (const OnnxInitializer& initializer : initializers) {
    graph += bytes_field(5, tensor_proto(initializer));
  }
  for (const OnnxValue& input : inputs) {
    graph += bytes_field(11, value_info(input));
  }
  for (const OnnxValue& output : outputs) {
    graph += bytes_field(12, value_info(output));
  }
  return number_field(1, 8) + bytes_field(8, bytes_field(1, "") + number_field(2, 13)) + bytes_field(7, graph);
}

void OnnxModel::write(const std::filesystem::path& path) const {
  const std::string content = bytes();
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

OnnxInitializer constant(const std::string& name, const std::vector<std::int64_t>& dims,
                         const std::vector<float>& values) {
  return {.name = name, .dims = dims, .raw = raw_bytes(values)};
}

OnnxModel constant_model(const OnnxValue& input, const std::vector<OnnxInitializer>& outputs) {
  OnnxModel model{{input}, {}, {}, {}};
  for (const OnnxInitializer& output : outputs) {
    OnnxInitializer value = output;
    value.name += "_value";
    model.outputs.push_back({output.name, {output.dims.begin(), output.dims.end()}, output.type});
    model.nodes.push_back({"Identity", {value.name}, {output.name}});
    model.initializers.push_back(std::move(value));
  }
  return model;
}

}  // namespace facegraph::test
