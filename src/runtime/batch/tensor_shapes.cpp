#include "runtime/batch/tensor_shapes.hpp"

#include <cstring>
#include <vector>

#include "core/base/error.hpp"
#include "runtime/precision/model_file.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

namespace {

using Names = std::vector<std::string>;

constexpr const char* kSuffix = "@shape";

void fix_inputs(onnx::GraphProto& graph, std::span<const InputSpec> inputs) {
  for (onnx::ValueInfoProto& declared : *graph.mutable_input()) {
    for (const InputSpec& input : inputs) {
      if (input.name == declared.name()) {
        onnx::TensorShapeProto& shape = *declared.mutable_type()->mutable_tensor_type()->mutable_shape();
        shape.clear_dim();
        for (const std::int64_t size : input.shape) {
          shape.add_dim()->set_dim_value(size);
        }
      }
    }
  }
}

// The shape of every node's outputs becomes an output of the graph; what was one is none any more. Their names.
Names give_out_shapes(onnx::GraphProto& graph) {
  Names names;
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) {
      if (!output.empty()) {
        names.push_back(output);
      }
    }
  }
  graph.clear_output();
  for (const std::string& name : names) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type("Shape");
    node.add_input(name);
    node.add_output(name + kSuffix);
    onnx::ValueInfoProto& output = *graph.add_output();
    output.set_name(name + kSuffix);
    output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::INT64);
  }
  return names;
}

std::vector<Ort::Value> zeros(const std::vector<Declared>& inputs) {
  const Ort::AllocatorWithDefaultOptions allocator;
  std::vector<Ort::Value> values;
  for (const Declared& input : inputs) {
    values.push_back(
        Ort::Value::CreateTensor(allocator, input.shape.data(), input.shape.size(), onnx_type(input.type)));
    std::memset(values.back().GetTensorMutableRawData(), 0, element_count(input.shape) * bytes_of(input.type));
  }
  return values;
}

TensorShapes run(const std::filesystem::path& file, const Names& names) {
  Ort::Session session(environment(), file.c_str(), session_settings(1, false));
  const std::vector<Declared> inputs = declared_inputs(session, "it");
  std::vector<const char*> input_names;
  for (const Declared& input : inputs) {
    input_names.push_back(input.name.c_str());
  }
  Names shape_names;
  std::vector<const char*> output_names;
  for (const std::string& name : names) {
    shape_names.push_back(name + kSuffix);
  }
  for (const std::string& name : shape_names) {
    output_names.push_back(name.c_str());
  }
  const std::vector<Ort::Value> values = zeros(inputs);
  const std::vector<Ort::Value> found = session.Run(Ort::RunOptions{nullptr}, input_names.data(), values.data(),
                                                    values.size(), output_names.data(), output_names.size());
  TensorShapes shapes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto* sizes = found[i].GetTensorData<std::int64_t>();
    shapes[names[i]] = Shape(sizes, sizes + found[i].GetTensorTypeAndShapeInfo().GetElementCount());
  }
  return shapes;
}

}  // namespace

TensorShapes tensor_shapes(onnx::ModelProto& model, std::span<const InputSpec> inputs,
                           const std::filesystem::path& scratch) {
  onnx::GraphProto& graph = *model.mutable_graph();
  fix_inputs(graph, inputs);
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> outputs = graph.output();
  const int nodes = graph.node_size();
  const Names names = give_out_shapes(graph);
  write_model(model, scratch);
  graph.mutable_node()->DeleteSubrange(nodes, graph.node_size() - nodes);
  graph.mutable_output()->Swap(&outputs);
  TensorShapes shapes;
  try {
    shapes = run(scratch, names);
  } catch (const Ort::Exception& error) {
    core::fail(core::ErrorCode::kFailed, "the shapes in it cannot be found: {}", reason_of(error));
  }
  for (const InputSpec& input : inputs) {
    shapes[input.name] = input.shape;
  }
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    shapes[tensor.name()] = Shape(tensor.dims().begin(), tensor.dims().end());
  }
  return shapes;
}

}  // namespace facegraph::runtime
