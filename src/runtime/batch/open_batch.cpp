#include "runtime/batch/open_batch.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "runtime/batch/batch_graph.hpp"
#include "runtime/batch/batch_rules.hpp"
#include "runtime/batch/tensor_shapes.hpp"
#include "runtime/precision/model_file.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::int64_t kFirstOpset = 10;  // whose Slice takes its axes as an input

bool is_open(const onnx::ValueInfoProto& value) {
  const onnx::TensorShapeProto& shape = value.type().tensor_type().shape();
  return shape.dim_size() > 0 && !shape.dim(0).has_dim_value();
}

// The file takes one of what is given here several times.
bool is_to_be_opened(const onnx::GraphProto& graph, const InputSpec& input) {
  const bool several = input.shape.size() >= 2 && input.shape.front() > 1;
  return several && std::any_of(graph.input().begin(), graph.input().end(), [&](const onnx::ValueInfoProto& declared) {
           const onnx::TensorShapeProto& shape = declared.type().tensor_type().shape();
           return declared.name() == input.name && shape.dim_size() == static_cast<int>(input.shape.size()) &&
                  (!shape.dim(0).has_dim_value() || shape.dim(0).dim_value() == 1);
         });
}

bool is_open_already(const onnx::GraphProto& graph, const std::vector<std::string>& several) {
  return std::all_of(graph.output().begin(), graph.output().end(), is_open) &&
         std::all_of(graph.input().begin(), graph.input().end(), [&](const onnx::ValueInfoProto& input) {
           return is_open(input) || std::find(several.begin(), several.end(), input.name()) == several.end();
         });
}

std::int64_t opset_of(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    if (set.domain().empty() || set.domain() == "ai.onnx") {
      return set.version();
    }
  }
  return 0;
}

}  // namespace

bool write_open_batch(const std::filesystem::path& from, const std::filesystem::path& to,
                      std::span<const InputSpec> inputs) {
  onnx::ModelProto model = read_model(from);
  check_self_contained(model);
  onnx::GraphProto& graph = *model.mutable_graph();
  std::vector<InputSpec> one(inputs.begin(), inputs.end());
  std::vector<std::string> several;
  for (InputSpec& input : one) {
    if (is_to_be_opened(graph, input)) {
      several.push_back(input.name);
      input.shape.front() = 1;
    }
  }
  if (is_open_already(graph, several)) {
    return false;
  }
  const std::int64_t opset = opset_of(model);
  if (opset < kFirstOpset) {
    fail(ErrorCode::kFailed, "it is written in version {} of ONNX's operators, {} or newer is needed", opset,
         kFirstOpset);
  }
  check_control_flow(graph);
  graph.clear_value_info();
  TensorShapes shapes = tensor_shapes(model, one, to);
  BatchGraph opened(graph, std::move(shapes));
  for (const std::string& input : several) {
    opened.place(input, 0);
  }
  for (int i = 0; i < opened.node_count(); ++i) {
    open_node(opened, std::move(opened.node_before(i)), opset);
  }
  opened.finish();
  write_model(model, to);
  return true;
}

}  // namespace facegraph::runtime
