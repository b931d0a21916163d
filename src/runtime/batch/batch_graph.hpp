// A graph while it is being rewritten so that its tensors hold several items. Internal to batch.
//
// Items lie along one axis of a tensor, one after the other: where one item has size d there, several have items * d. A
// tensor without such an axis counts for all items. "Lifted" is a tensor with an axis of its own for the items, before
// all others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <onnx/onnx_pb.h>

#include "runtime/batch/tensor_shapes.hpp"

namespace facegraph::runtime {

// Weights times, or divided by, numbers of the item.
struct Modulated {
  struct Factor {
    std::string op;  // Mul or Div
    std::string tensor;
    int axis = 0;  // of the weights that it runs along, counted from the end
  };
  std::string weights;  // that count for all, in the tensor's shape
  std::vector<Factor> factors = {};
};

class BatchGraph {
 public:
  // Takes the graph's nodes, which node_before() has in their order. shapes: of one item.
  BatchGraph(onnx::GraphProto& graph, TensorShapes shapes);

  int node_count() const { return before_.size(); }
  onnx::NodeProto& node_before(int index) { return before_[index]; }

  // Of one item. Throws Error(kFailed) where nobody knows it.
  const Shape& shape(const std::string& name) const;
  int rank(const std::string& name) const { return static_cast<int>(shape(name).size()); }
  // Where the items lie; none: it counts for all.
  std::optional<int> axis(const std::string& name) const;
  bool holds_items(const std::string& name) const { return axes_.contains(name); }
  // Of an input, or of what is made of items; a single number becomes a row of them.
  void place(const std::string& name, int axis);
  // Of a constant.
  std::optional<std::vector<std::int64_t>> integers(const std::string& name) const;

  // What is known of a tensor that is such a product; null: nothing.
  const Modulated* modulated(const std::string& name) const;
  void note_modulated(const std::string& name, Modulated known) { modulated_[name] = std::move(known); }

  // Adds the node as it is; its outputs hold items along that axis, or count for all.
  void keep(const onnx::NodeProto& node, std::optional<int> axis = std::nullopt);
  // `out` is `in` in another shape, that of `out` for one item.
  void reshape(const std::string& in, const std::string& out);
  // A name for the tensor with its items along the first axis; of one that counts for all, repeated.
  std::string in_front(const std::string& name);
  // A name for the lifted tensor, its items' shape filled up to `rank` with leading ones.
  std::string lifted(const std::string& name, int rank);
  std::string lifted(const std::string& name) { return lifted(name, rank(name)); }
  // `out`, its items along the first axis, of the lifted tensor `in`.
  void lower(const std::string& in, const std::string& out);
  // Names of a constant, and of a number of rows: of this tensor's first axis, followed by `sizes`.
  std::string constant(const std::vector<std::int64_t>& values);
  std::string sizes_after_rows_of(const std::string& name, const std::vector<std::int64_t>& sizes);
  std::string new_name(const std::string& like);
  onnx::NodeProto& add(const std::string& op, const std::vector<std::string>& inputs, const std::string& output);

  // The graph's outputs hold their items along the first axis; they and the inputs of items declare it open.
  void finish();

 private:
  void rename(const std::string& from, const std::string& to);
  void declare(onnx::ValueInfoProto& value);

  onnx::GraphProto& graph_;
  google::protobuf::RepeatedPtrField<onnx::NodeProto> before_;
  TensorShapes shapes_;
  std::unordered_map<std::string, int> axes_;
  std::unordered_map<std::string, std::vector<std::int64_t>> integers_;
  std::unordered_map<std::string, std::string> lifted_;  // by name and rank
  std::unordered_map<std::string, Modulated> modulated_;
  std::string first_;  // the input that items are counted by
  int made_ = 0;
};

// Of an attribute; a negative axis counts from the end.
std::int64_t number_of(const onnx::NodeProto& node, const std::string& attribute, std::int64_t otherwise);
int axis_of(const onnx::NodeProto& node, std::int64_t otherwise, int rank);
void set_number(onnx::NodeProto& node, const std::string& attribute, std::int64_t value);

}  // namespace facegraph::runtime
