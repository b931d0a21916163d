#include "runtime/precision/fixed_inputs.hpp"

#include <algorithm>

#include "runtime/precision/model_file.hpp"

namespace facegraph::runtime {

namespace {

onnx::TensorShapeProto* shape_of(onnx::ValueInfoProto& value) {
  return value.mutable_type()->mutable_tensor_type()->mutable_shape();
}

// Whether a dimension was open.
bool fix(onnx::TensorShapeProto& declared, const Shape& shape) {
  bool fixed = false;
  for (int i = 0; i < declared.dim_size() && declared.dim_size() == static_cast<int>(shape.size()); ++i) {
    if (!declared.dim(i).has_dim_value()) {
      declared.mutable_dim(i)->set_dim_value(shape[static_cast<std::size_t>(i)]);
      fixed = true;
    }
  }
  return fixed;
}

template <typename Values>
std::string names_of_open(const Values& values) {
  std::string names;
  for (const onnx::ValueInfoProto& value : values) {
    const onnx::TensorShapeProto& shape = value.type().tensor_type().shape();
    if (shape.dim_size() > 0 && !shape.dim(0).has_dim_value()) {
      names += value.name() + "\n";
    }
  }
  return names;
}

}  // namespace

bool write_fixed_inputs(const std::filesystem::path& from, const std::filesystem::path& to,
                        std::span<const InputSpec> inputs) {
  onnx::ModelProto model = read_model(from);
  onnx::GraphProto& graph = *model.mutable_graph();
  const std::string open = names_of_open(graph.input()) + names_of_open(graph.output());
  bool fixed = false;
  for (onnx::ValueInfoProto& value : *graph.mutable_input()) {
    const auto input =
        std::find_if(inputs.begin(), inputs.end(), [&](const InputSpec& spec) { return spec.name == value.name(); });
    if (input != inputs.end()) {
      fixed = fix(*shape_of(value), input->shape) || fixed;
    }
  }
  if (!fixed) {
    return false;
  }
  graph.clear_value_info();  // symbols that are numbers now
  for (onnx::ValueInfoProto& value : *graph.mutable_output()) {
    for (onnx::TensorShapeProto::Dimension& dim : *shape_of(value)->mutable_dim()) {
      dim.clear_dim_param();
    }
  }
  onnx::StringStringEntryProto& note = *model.add_metadata_props();
  note.set_key(kOpenBefore);
  note.set_value(open);
  write_model(model, to);
  return true;
}

}  // namespace facegraph::runtime
