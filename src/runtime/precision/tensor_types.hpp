// Element types of a graph's tensors, as far as the rewriting of precisions needs them. Internal to precision.
#pragma once

#include <string>
#include <unordered_map>

#include <onnx/onnx_pb.h>

namespace facegraph::runtime {

// By tensor name: a TensorProto::DataType.
using TensorTypes = std::unordered_map<std::string, int>;

// Of inputs, initializers and every node's outputs; nodes stand in order. An operator that is not known passes on the
// type of its first input. Throws Error(kFailed) for graphs with control flow, functions or sequences.
TensorTypes tensor_types(const onnx::GraphProto& graph);

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const std::string& name);

}  // namespace facegraph::runtime
