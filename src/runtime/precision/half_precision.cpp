#include "runtime/precision/half_precision.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "runtime/precision/model_file.hpp"
#include "runtime/precision/tensor_types.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

namespace {

using onnx::NodeProto;
using onnx::TensorProto;
using Names = std::unordered_set<std::string>;

constexpr float kLargestHalf = 65504.0F;
constexpr float kSmallestNormalHalf = 6.103515625e-5F;

// Sums over many values and what stands between a sum and its root, exponentials, positions and coordinates, and
// operators that have no fp16 kernels.
const Names& float_operators() {
  static const Names names{"AffineGrid",
                           "CumSum",
                           "DynamicQuantizeLinear",
                           "EyeLike",
                           "Exp",
                           "GridSample",
                           "GroupNormalization",
                           "InstanceNormalization",
                           "LayerNormalization",
                           "Log",
                           "LogSoftmax",
                           "LpNormalization",
                           "MeanVarianceNormalization",
                           "NonMaxSuppression",
                           "OneHot",
                           "Pow",
                           "QuantizeLinear",
                           "RandomNormal",
                           "RandomNormalLike",
                           "RandomUniform",
                           "RandomUniformLike",
                           "Range",
                           "Reciprocal",
                           "ReduceL1",
                           "ReduceL2",
                           "ReduceLogSum",
                           "ReduceLogSumExp",
                           "ReduceMean",
                           "ReduceProd",
                           "ReduceSum",
                           "ReduceSumSquare",
                           "RoiAlign",
                           "Sqrt",
                           "TopK",
                           "Upsample"};
  return names;
}

// A kept node and its neighbours share fp32 where only these stand between them.
const Names& bridges() {
  static const Names names{"Add", "Clip", "Div", "Max", "Min", "Mul", "Neg", "Sub"};
  return names;
}

// A constant beyond the range means "no limit" or "nothing" there: the largest number does as well.
const Names& saturating_operators() {
  static const Names names{"Clip", "Pad", "Where"};
  return names;
}

// Scales of Resize are float32 by definition, its region may be.
bool is_float_input(const NodeProto& node, int input) {
  return node.op_type() == "Resize" && (input == 1 || input == 2);
}

std::vector<float> values_of(const TensorProto& tensor) {
  if (tensor.has_raw_data()) {
    std::vector<float> values(tensor.raw_data().size() / sizeof(float));
    std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(float));
    return values;
  }
  return {tensor.float_data().begin(), tensor.float_data().end()};
}

void make_half(TensorProto& tensor) {
  const std::vector<float> values = values_of(tensor);
  std::string raw(values.size() * sizeof(std::uint16_t), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Ort::Float16_t half(std::clamp(values[i], -kLargestHalf, kLargestHalf));
    std::memcpy(raw.data() + i * sizeof(half.val), &half.val, sizeof(half.val));
  }
  tensor.clear_float_data();
  tensor.set_raw_data(std::move(raw));
  tensor.set_data_type(TensorProto::FLOAT16);
}

// Numbers that fp16 turns into infinity, or, in a constant of few, into something else than themselves.
bool fits_half(const TensorProto& tensor) {
  constexpr std::size_t kFew = 16;
  const std::vector<float> values = values_of(tensor);
  return std::all_of(values.begin(), values.end(), [&](float value) {
    const float size = std::abs(value);
    return size <= kLargestHalf && (values.size() > kFew || size == 0 || size >= kSmallestNormalHalf);
  });
}

class HalfWriter {
 public:
  explicit HalfWriter(onnx::GraphProto& graph) : graph_(graph) {}

  void rewrite() {
    name_constants();
    types_ = tensor_types(graph_);
    for (const TensorProto& tensor : graph_.initializer()) {
      initializers_[tensor.name()] = &tensor;
    }
    for (const onnx::ValueInfoProto& input : graph_.input()) {
      there_.insert(input.name());
    }
    choose_float_nodes();
    google::protobuf::RepeatedPtrField<NodeProto> nodes;
    nodes.Swap(graph_.mutable_node());
    for (int i = 0; i < nodes.size(); ++i) {
      rewrite_node(nodes[i], !is_float_[static_cast<std::size_t>(i)]);
    }
    for (const onnx::ValueInfoProto& output : graph_.output()) {
      if (is_fp32(output.name())) {
        float_version(output.name());
      }
    }
    replace_initializers();
    graph_.clear_value_info();
  }

 private:
  bool is_fp32(const std::string& name) const {
    const auto found = types_.find(name);
    return found != types_.end() && found->second == TensorProto::FLOAT;
  }

  // Constants of fp32 become initializers, so that each has its two versions like other weights.
  void name_constants() {
    google::protobuf::RepeatedPtrField<NodeProto> nodes;
    for (NodeProto& node : *graph_.mutable_node()) {
      const onnx::AttributeProto* value = find_attribute(node, "value");
      if (node.op_type() == "Constant" && value != nullptr && value->t().data_type() == TensorProto::FLOAT) {
        TensorProto& tensor = *graph_.add_initializer();
        tensor = value->t();
        tensor.set_name(node.output(0));
      } else {
        nodes.Add(std::move(node));
      }
    }
    nodes.Swap(graph_.mutable_node());
  }

  void choose_float_nodes() {
    is_float_.clear();
    for (const NodeProto& node : graph_.node()) {
      is_float_.push_back(float_operators().contains(node.op_type()) || holds_large_constant(node));
    }
    while (extend_over_bridges()) {
    }
  }

  bool holds_large_constant(const NodeProto& node) const {
    if (saturating_operators().contains(node.op_type())) {
      return false;
    }
    return std::any_of(node.input().begin(), node.input().end(), [&](const std::string& name) {
      const auto constant = initializers_.find(name);
      return is_fp32(name) && constant != initializers_.end() && !fits_half(*constant->second);
    });
  }

  // Small arithmetic between fp32 nodes stays there too: a mean, plus epsilon, and its root are one sum.
  bool extend_over_bridges() {
    Names from_float;
    std::unordered_map<std::string, bool> only_to_float;
    for (int i = 0; i < graph_.node_size(); ++i) {
      const bool kept = is_float_[static_cast<std::size_t>(i)];
      for (const std::string& name : graph_.node(i).input()) {
        const auto known = only_to_float.try_emplace(name, true).first;
        known->second = known->second && kept;
      }
      if (kept) {
        from_float.insert(graph_.node(i).output().begin(), graph_.node(i).output().end());
      }
    }
    bool extended = false;
    for (int i = 0; i < graph_.node_size(); ++i) {
      const NodeProto& node = graph_.node(i);
      const bool between = std::any_of(node.input().begin(), node.input().end(),
                                       [&](const std::string& name) { return from_float.contains(name); }) &&
                           std::all_of(node.output().begin(), node.output().end(), [&](const std::string& name) {
                             const auto known = only_to_float.find(name);
                             return known != only_to_float.end() && known->second;
                           });
      if (!is_float_[static_cast<std::size_t>(i)] && between && bridges().contains(node.op_type())) {
        is_float_[static_cast<std::size_t>(i)] = true;
        extended = true;
      }
    }
    return extended;
  }

  void rewrite_node(NodeProto& node, bool half) {
    for (int i = 0; i < node.input_size(); ++i) {
      const std::string name = node.input(i);
      if (is_fp32(name)) {
        node.set_input(i, half && !is_float_input(node, i) ? half_version(name) : float_version(name));
      }
    }
    for (std::string& name : *node.mutable_output()) {
      if (is_fp32(name)) {
        there_.insert(half ? half_name(name) : name);
        name = half ? half_name(name) : name;
      }
    }
    if (half) {
      rewrite_attributes(node);
    }
    graph_.mutable_node()->Add(std::move(node));
  }

  static void rewrite_attributes(NodeProto& node) {
    if (node.op_type() == "ConstantOfShape" && find_attribute(node, "value") == nullptr) {
      onnx::AttributeProto& value = *node.add_attribute();  // of zeros, whose default is fp32
      value.set_name("value");
      value.set_type(onnx::AttributeProto::TENSOR);
      value.mutable_t()->add_dims(1);
      value.mutable_t()->set_data_type(TensorProto::FLOAT);
      value.mutable_t()->add_float_data(0);
    }
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (node.op_type() == "Cast" && attribute.name() == "to" && attribute.i() == TensorProto::FLOAT) {
        attribute.set_i(TensorProto::FLOAT16);
      }
      if (node.op_type() == "ConstantOfShape" && attribute.t().data_type() == TensorProto::FLOAT) {
        make_half(*attribute.mutable_t());
      }
    }
  }

  static std::string half_name(const std::string& name) { return name + "@half"; }

  // What a node reads: the tensor in the asked precision, cast where only the other one is there.
  std::string half_version(const std::string& name) {
    const std::string half = half_name(name);
    if (initializers_.contains(name)) {
      half_initializers_.insert(name);
    } else if (!there_.contains(half)) {
      add_cast(name, half, TensorProto::FLOAT16);
    }
    return half;
  }
  std::string float_version(const std::string& name) {
    if (initializers_.contains(name)) {
      float_initializers_.insert(name);
    } else if (!there_.contains(name) && there_.contains(half_name(name))) {
      add_cast(half_name(name), name, TensorProto::FLOAT);
    }
    return name;
  }

  void add_cast(const std::string& from, const std::string& to, TensorProto::DataType type) {
    NodeProto& node = *graph_.add_node();
    node.set_op_type("Cast");
    node.set_name("cast to " + to);
    node.add_input(from);
    node.add_output(to);
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name("to");
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(type);
    there_.insert(to);
  }

  void replace_initializers() {
    google::protobuf::RepeatedPtrField<TensorProto> old;
    old.Swap(graph_.mutable_initializer());
    for (TensorProto& tensor : old) {
      const std::string name = tensor.name();
      if (half_initializers_.contains(name)) {
        TensorProto& half = *graph_.add_initializer();
        half = tensor;
        half.set_name(half_name(name));
        make_half(half);
      }
      if (tensor.data_type() != TensorProto::FLOAT || float_initializers_.contains(name)) {
        graph_.mutable_initializer()->Add(std::move(tensor));
      }
    }
  }

  onnx::GraphProto& graph_;
  TensorTypes types_;
  std::unordered_map<std::string, const TensorProto*> initializers_;  // until replace_initializers()
  std::vector<bool> is_float_;                                        // by node
  Names there_;  // fp32 tensors, and halves of such, that are computed already
  Names half_initializers_;
  Names float_initializers_;
};

}  // namespace

void write_half_precision(const std::filesystem::path& from, const std::filesystem::path& to) {
  onnx::ModelProto model = read_model(from);
  check_self_contained(model);
  HalfWriter(*model.mutable_graph()).rewrite();
  write_model(model, to);
}

}  // namespace facegraph::runtime
