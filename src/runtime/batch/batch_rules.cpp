#include "runtime/batch/batch_rules.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/error.hpp"
#include "runtime/batch/batch_node.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;
using onnx::NodeProto;

void keep_lifted(const BatchNode& it, NodeProto lifted) {
  lifted.clear_output();
  std::vector<std::string> outputs;
  for (const std::string& output : it.node.output()) {
    outputs.push_back(output.empty() ? output : it.graph.new_name(output));
    lifted.add_output(outputs.back());
  }
  it.graph.keep(lifted);
  for (int i = 0; i < it.node.output_size(); ++i) {
    if (!outputs[static_cast<std::size_t>(i)].empty()) {
      it.graph.lower(outputs[static_cast<std::size_t>(i)], it.node.output(i));
    }
  }
}

namespace {

using Rule = void (*)(const BatchNode& it);

const std::unordered_map<std::string, Rule>& rules() {
  static const std::unordered_map<std::string, Rule> all = [] {
    std::unordered_map<std::string, Rule> table;
    const auto put = [&](Rule rule, std::initializer_list<const char*> operators) {
      for (const char* name : operators) {
        table.emplace(name, rule);
      }
    };
    put(open_elementwise, {"Abs",
                           "Acos",
                           "Add",
                           "And",
                           "Asin",
                           "Atan",
                           "Cast",
                           "CastLike",
                           "Ceil",
                           "Celu",
                           "Clip",
                           "Cos",
                           "Cosh",
                           "Dropout",
                           "Elu",
                           "Equal",
                           "Erf",
                           "Exp",
                           "Floor",
                           "Gelu",
                           "Greater",
                           "Less",
                           "HardSigmoid",
                           "HardSwish",
                           "GreaterOrEqual",
                           "Identity",
                           "IsInf",
                           "IsNaN",
                           "LeakyRelu",
                           "Log",
                           "Max",
                           "Mean",
                           "Min",
                           "LessOrEqual",
                           "Mish",
                           "Mod",
                           "Neg",
                           "Not",
                           "Or",
                           "PRelu",
                           "Pow",
                           "Reciprocal",
                           "Relu",
                           "Round",
                           "Selu",
                           "Sigmoid",
                           "Sign",
                           "Sin",
                           "Sinh",
                           "Softplus",
                           "Softsign",
                           "Sqrt",
                           "Sub",
                           "Sum",
                           "Tan",
                           "Tanh",
                           "Where",
                           "Xor",
                           "ThresholdedRelu"});
    put(open_product, {"Div", "Mul"});
    put(open_reshape, {"Flatten", "Reshape", "Squeeze", "Unsqueeze"});
    put(open_transpose, {"Transpose"});
    put(open_pictures, {"AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "DepthToSpace",
                        "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "GroupNormalization",
                        "InstanceNormalization", "LRN", "LpPool", "MaxPool", "SpaceToDepth"});
    put(open_grid_sample, {"GridSample"});
    put(open_resize, {"Resize", "Upsample"});
    put(open_along_first, {"ArgMax", "ArgMin", "Split"});
    put(open_along_last, {"LpNormalization", "TopK"});
    put(open_from_last, {"LayerNormalization"});
    put(open_softmax, {"Hardmax", "LogSoftmax", "Softmax"});
    put(open_reduction, {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
                         "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"});
    put(open_slice, {"Slice"});
    put(open_concat, {"Concat"});
    put(open_gather, {"Gather"});
    put(open_gather_elements, {"GatherElements"});
    put(open_cumulative_sum, {"CumSum"});
    put(open_pad, {"Pad"});
    put(open_tile, {"Tile"});
    put(open_expand, {"Expand"});
    put(open_matrix_product, {"MatMul"});
    put(open_gemm, {"Gemm"});
    put(open_shape, {"Shape"});
    put(open_size, {"Size"});
    return table;
  }();
  return all;
}

bool holds_graphs(const NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(), [](const onnx::AttributeProto& attribute) {
    return attribute.has_g() || attribute.graphs_size() > 0;
  });
}

}  // namespace

void check_control_flow(const onnx::GraphProto& graph) {
  const auto found = std::find_if(graph.node().begin(), graph.node().end(), holds_graphs);
  if (found != graph.node().end()) {
    fail(ErrorCode::kFailed, "it has control flow ({})", found->op_type());
  }
}

void open_node(BatchGraph& graph, NodeProto node, std::int64_t opset) {
  const bool counts_for_all = std::none_of(node.input().begin(), node.input().end(),
                                           [&](const std::string& name) { return graph.holds_items(name); });
  if (counts_for_all) {
    graph.keep(node);
    return;
  }
  const auto rule = rules().find(node.op_type());
  if (rule == rules().end() || !(node.domain().empty() || node.domain() == "ai.onnx")) {
    fail(ErrorCode::kFailed, "nobody knows here whether {} keeps items apart", node.op_type());
  }
  rule->second({graph, node, opset});
}

}  // namespace facegraph::runtime
