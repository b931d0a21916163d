#include "runtime/precision/tensor_types.hpp"

#include <unordered_set>

#include "core/base/error.hpp"

namespace facegraph::runtime {

namespace {

using onnx::TensorProto;

bool is_one_of(const std::unordered_set<std::string>& names, const std::string& name) {
  return names.contains(name);
}

int attribute_type(const onnx::NodeProto& node, const std::string& name, int otherwise) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  return attribute == nullptr ? otherwise : static_cast<int>(attribute->i());
}

int type_of(const TensorTypes& types, const onnx::NodeProto& node, int input) {
  const auto found = input < node.input_size() ? types.find(node.input(input)) : types.end();
  return found == types.end() ? TensorProto::UNDEFINED : found->second;
}

int constant_type(const onnx::NodeProto& node) {
  if (const onnx::AttributeProto* value = find_attribute(node, "value")) {
    return value->t().data_type();
  }
  const bool floats = find_attribute(node, "value_float") != nullptr || find_attribute(node, "value_floats") != nullptr;
  return floats ? TensorProto::FLOAT : TensorProto::INT64;
}

// onnx/docs/Operators.md: the operators whose outputs have not their first input's type.
int output_type(const TensorTypes& types, const onnx::NodeProto& node, int output) {
  static const std::unordered_set<std::string> kCounts{"ArgMax",  "ArgMin", "NonMaxSuppression",
                                                       "NonZero", "Shape",  "Size"};
  static const std::unordered_set<std::string> kTruths{
      "And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor"};
  static const std::unordered_set<std::string> kSecondInput{"CastLike", "Where"};
  static const std::unordered_set<std::string> kChosen{"EyeLike", "RandomNormal", "RandomUniform"};
  const std::string& op = node.op_type();
  if (is_one_of(kCounts, op) || (op == "TopK" && output == 1)) {
    return TensorProto::INT64;
  }
  if (is_one_of(kTruths, op) || (op == "Dropout" && output == 1)) {
    return TensorProto::BOOL;
  }
  if (op == "Cast") {
    return attribute_type(node, "to", TensorProto::UNDEFINED);
  }
  if (op == "Constant") {
    return constant_type(node);
  }
  if (op == "ConstantOfShape") {
    const onnx::AttributeProto* value = find_attribute(node, "value");
    return value == nullptr ? static_cast<int>(TensorProto::FLOAT) : value->t().data_type();
  }
  if (is_one_of(kChosen, op)) {
    return attribute_type(node, "dtype", op == "EyeLike" ? type_of(types, node, 0) : TensorProto::FLOAT);
  }
  if (op == "DequantizeLinear") {
    return TensorProto::FLOAT;
  }
  if (op == "QuantizeLinear" || op == "OneHot") {
    return type_of(types, node, 2);
  }
  return type_of(types, node, is_one_of(kSecondInput, op) ? 1 : 0);
}

void check_operator(const onnx::NodeProto& node) {
  static const std::unordered_set<std::string> kStrange{"If", "Loop", "Scan", "Optional"};
  if (is_one_of(kStrange, node.op_type()) || node.op_type().starts_with("Sequence")) {
    core::fail(core::ErrorCode::kFailed, "it has control flow or sequences ({})", node.op_type());
  }
}

}  // namespace

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const std::string& name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) {
      return &attribute;
    }
  }
  return nullptr;
}

TensorTypes tensor_types(const onnx::GraphProto& graph) {
  TensorTypes types;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    types[input.name()] = input.type().tensor_type().elem_type();
  }
  for (const TensorProto& tensor : graph.initializer()) {
    types[tensor.name()] = tensor.data_type();
  }
  for (const onnx::NodeProto& node : graph.node()) {
    check_operator(node);
    for (int i = 0; i < node.output_size(); ++i) {
      if (!node.output(i).empty()) {  // an optional output that nobody wants has no name
        types[node.output(i)] = output_type(types, node, i);
      }
    }
  }
  return types;
}

}  // namespace facegraph::runtime
