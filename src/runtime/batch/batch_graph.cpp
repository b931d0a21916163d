#include "runtime/batch/batch_graph.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "runtime/precision/tensor_types.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;
using onnx::NodeProto;
using onnx::TensorProto;

namespace {

std::vector<std::int64_t> integers_of(const TensorProto& tensor) {
  std::vector<std::int64_t> values(tensor.int64_data().begin(), tensor.int64_data().end());
  if (tensor.has_raw_data()) {
    values.resize(tensor.raw_data().size() / sizeof(std::int64_t));
    std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(std::int64_t));
  }
  return values;
}

std::int64_t product(Shape::const_iterator from, Shape::const_iterator to) {
  return std::accumulate(from, to, std::int64_t{1}, std::multiplies<>());
}

// The axis of `to` before which as many elements lie as before `axis` in `from`; where several have, one of the same
// size, else the first.
std::optional<int> same_place(const Shape& from, int axis, const Shape& to) {
  const std::int64_t before = product(from.begin(), from.begin() + axis);
  std::optional<int> first;
  for (int i = 0; i < static_cast<int>(to.size()); ++i) {
    if (product(to.begin(), to.begin() + i) == before) {
      if (to[static_cast<std::size_t>(i)] == from[static_cast<std::size_t>(axis)]) {
        return i;
      }
      first = first ? first : i;
    }
  }
  return first;
}

}  // namespace

std::int64_t number_of(const NodeProto& node, const std::string& attribute, std::int64_t otherwise) {
  const onnx::AttributeProto* found = find_attribute(node, attribute);
  return found == nullptr ? otherwise : found->i();
}

int axis_of(const NodeProto& node, std::int64_t otherwise, int rank) {
  const std::int64_t axis = number_of(node, "axis", otherwise);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

void set_number(NodeProto& node, const std::string& attribute, std::int64_t value) {
  for (onnx::AttributeProto& known : *node.mutable_attribute()) {
    if (known.name() == attribute) {
      known.set_i(value);
      return;
    }
  }
  onnx::AttributeProto& added = *node.add_attribute();
  added.set_name(attribute);
  added.set_type(onnx::AttributeProto::INT);
  added.set_i(value);
}

BatchGraph::BatchGraph(onnx::GraphProto& graph, TensorShapes shapes) : graph_(graph), shapes_(std::move(shapes)) {
  before_.Swap(graph_.mutable_node());
  for (const TensorProto& tensor : graph_.initializer()) {
    if (tensor.data_type() == TensorProto::INT64) {
      integers_[tensor.name()] = integers_of(tensor);
    }
  }
  for (const NodeProto& node : before_) {
    const onnx::AttributeProto* value = find_attribute(node, "value");
    if (node.op_type() == "Constant" && value != nullptr && value->t().data_type() == TensorProto::INT64) {
      integers_[node.output(0)] = integers_of(value->t());
    }
  }
}

const Shape& BatchGraph::shape(const std::string& name) const {
  const auto found = shapes_.find(name);
  if (found == shapes_.end()) {
    fail(ErrorCode::kFailed, "the shape of `{}` is unknown", name);
  }
  return found->second;
}

std::optional<int> BatchGraph::axis(const std::string& name) const {
  const auto found = axes_.find(name);
  return found == axes_.end() ? std::nullopt : std::optional(found->second);
}

void BatchGraph::place(const std::string& name, int axis) {
  if (shape(name).empty()) {
    shapes_[name] = {1};
  }
  axes_[name] = axis;
  first_ = first_.empty() ? name : first_;
}

std::optional<std::vector<std::int64_t>> BatchGraph::integers(const std::string& name) const {
  const auto found = integers_.find(name);
  return found == integers_.end() ? std::nullopt : std::optional(found->second);
}

const Modulated* BatchGraph::modulated(const std::string& name) const {
  const auto found = modulated_.find(name);
  return found == modulated_.end() ? nullptr : &found->second;
}

void BatchGraph::keep(const NodeProto& node, std::optional<int> axis) {
  *graph_.add_node() = node;
  if (axis) {
    for (const std::string& output : node.output()) {
      if (!output.empty()) {
        place(output, *axis);
      }
    }
  }
}

std::string BatchGraph::new_name(const std::string& like) {
  return fmt::format("{}@{}", like, made_++);
}

NodeProto& BatchGraph::add(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
  NodeProto& node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(new_name(op));
  for (const std::string& input : inputs) {
    node.add_input(input);
  }
  node.add_output(output);
  return node;
}

std::string BatchGraph::constant(const std::vector<std::int64_t>& values) {
  TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(new_name("sizes"));
  tensor.set_data_type(TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) {
    tensor.add_int64_data(value);
  }
  return tensor.name();
}

std::string BatchGraph::sizes_after_rows_of(const std::string& name, const std::vector<std::int64_t>& sizes) {
  const std::string all = new_name("shape");
  const std::string rows = new_name("rows");
  const std::string joined = new_name("sizes");
  add("Shape", {name}, all);
  add("Gather", {all, constant({0})}, rows);
  set_number(add("Concat", {rows, constant(sizes)}, joined), "axis", 0);
  return joined;
}

void BatchGraph::reshape(const std::string& in, const std::string& out) {
  const std::optional<int> from = axis(in);
  Shape to = shape(out);
  to = to.empty() ? Shape{1} : to;
  const std::optional<int> place_of_items = same_place(shape(in), *from, to);
  if (!place_of_items) {
    lower(lifted(in), out);
    return;
  }
  place(out, *place_of_items);
  to[static_cast<std::size_t>(*place_of_items)] = -1;
  add("Reshape", {in, constant(to)}, out);
}

std::string BatchGraph::in_front(const std::string& name) {
  if (axis(name) == 0) {
    return name;
  }
  const std::string front = new_name(name);
  shapes_[front] = shape(name);
  lower(lifted(name), front);
  return front;
}

std::string BatchGraph::lifted(const std::string& name, int rank) {
  std::string& known = lifted_[fmt::format("{} {}", name, rank)];
  if (!known.empty()) {
    return known;
  }
  known = new_name(name);
  const std::string result = known;
  const Shape& own = shape(name);
  Shape filled(1 + static_cast<std::size_t>(rank) - own.size(), 1);
  filled.insert(filled.end(), own.begin(), own.end());
  filled.front() = -1;
  const std::optional<int> from = axis(name);
  if (!from) {
    add("Expand", {name, sizes_after_rows_of(first_, {filled.begin() + 1, filled.end()})}, result);
    return result;
  }
  std::string ordered = name;
  if (product(own.begin(), own.begin() + *from) != 1) {
    Shape apart(own.begin(), own.begin() + *from);
    apart.push_back(-1);
    apart.insert(apart.end(), own.begin() + *from, own.end());
    const std::string split = new_name(name);
    add("Reshape", {name, constant(apart)}, split);
    ordered = new_name(name);
    onnx::AttributeProto& order = *add("Transpose", {split}, ordered).add_attribute();
    order.set_name("perm");
    order.set_type(onnx::AttributeProto::INTS);
    order.add_ints(*from);
    for (int i = 0; i <= static_cast<int>(own.size()); ++i) {
      if (i != *from) {
        order.add_ints(i);
      }
    }
  }
  add("Reshape", {ordered, constant(filled)}, result);
  return result;
}

void BatchGraph::lower(const std::string& in, const std::string& out) {
  place(out, 0);
  Shape to = shape(out);
  to.front() = -1;
  add("Reshape", {in, constant(to)}, out);
}

void BatchGraph::rename(const std::string& from, const std::string& to) {
  for (NodeProto& node : *graph_.mutable_node()) {
    std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), from, to);
    std::replace(node.mutable_output()->begin(), node.mutable_output()->end(), from, to);
  }
  for (TensorProto& tensor : *graph_.mutable_initializer()) {
    if (tensor.name() == from) {
      tensor.set_name(to);
    }
  }
  shapes_[to] = shape(from);
  if (const std::optional<int> items = axis(from)) {
    axes_[to] = *items;
  }
  axes_.erase(from);
}

void BatchGraph::declare(onnx::ValueInfoProto& value) {
  onnx::TensorShapeProto& declared = *value.mutable_type()->mutable_tensor_type()->mutable_shape();
  declared.clear_dim();
  for (const std::int64_t size : shape(value.name())) {
    declared.add_dim()->set_dim_value(size);
  }
  const std::int64_t own = declared.dim(0).dim_value();
  declared.mutable_dim(0)->set_dim_param(own == 1 ? "items" : fmt::format("items times {}", own));
}

void BatchGraph::finish() {
  for (onnx::ValueInfoProto& output : *graph_.mutable_output()) {
    if (axis(output.name()) != 0) {
      const std::string inner = new_name(output.name());
      rename(output.name(), inner);
      lower(lifted(inner), output.name());
    }
    declare(output);
  }
  for (onnx::ValueInfoProto& input : *graph_.mutable_input()) {
    if (holds_items(input.name())) {
      declare(input);
    }
  }
  graph_.clear_value_info();
}

}  // namespace facegraph::runtime
