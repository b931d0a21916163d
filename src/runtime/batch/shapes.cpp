#include <algorithm>
#include <utility>

#include "runtime/batch/batch_node.hpp"
#include "runtime/precision/tensor_types.hpp"

namespace facegraph::runtime {

using onnx::NodeProto;
using Integers = std::vector<std::int64_t>;

namespace {

// Size of the item along its axis, and what is made of it there.
bool keeps_items_apart(const BatchNode& it) {
  const auto items = static_cast<std::size_t>(*it.axis(0));
  return it.graph.shape(it.in(0))[items] == it.graph.shape(it.out())[items];
}

}  // namespace

// The same elements in the same order, in another shape.
void open_reshape(const BatchNode& it) {
  if (!it.axis(0)) {
    it.refuse("takes its shape from values of the input");
  }
  it.graph.reshape(it.in(0), it.out());
  note_reshape(it);
}

void open_transpose(const BatchNode& it) {
  const int rank = it.rank(0);
  const onnx::AttributeProto* order = find_attribute(it.node, "perm");
  for (int i = 0; i < rank; ++i) {
    if ((order == nullptr ? rank - 1 - i : static_cast<int>(order->ints(i))) == *it.axis(0)) {
      it.graph.keep(it.node, i);
    }
  }
  note_transpose(it);
}

void open_resize(const BatchNode& it) {
  constexpr int kSizes = 3;
  it.expect_shared_from(1, "has sizes that depend on the input");
  const std::string front = it.graph.in_front(it.in(0));
  it.node.set_input(0, front);
  const onnx::AttributeProto* axes = find_attribute(it.node, "axes");
  if (it.graph.shape(it.out()).front() != it.graph.shape(front).front() || (axes != nullptr && axes->ints(0) == 0)) {
    it.refuse("resizes along the items");
  }
  if (!it.in(kSizes).empty() && axes == nullptr) {
    const Shape& to = it.graph.shape(it.out());
    it.node.set_input(kSizes, it.graph.sizes_after_rows_of(front, {to.begin() + 1, to.end()}));
  }
  it.graph.keep(it.node, 0);
}

void open_pad(const BatchNode& it) {
  it.expect_shared_from(1, "has margins that depend on the input");
  if (!keeps_items_apart(it)) {
    it.refuse("adds margins along the items");
  }
  it.graph.keep(it.node, it.axis(0));
}

void open_tile(const BatchNode& it) {
  it.expect_shared_from(1, "repeats as often as the input says");
  if (keeps_items_apart(it)) {
    it.graph.keep(it.node, it.axis(0));
    return;
  }
  Integers repeats{1};
  const Shape& from = it.graph.shape(it.in(0));
  const Shape& to = it.graph.shape(it.out());
  for (std::size_t i = 0; i < from.size(); ++i) {
    repeats.push_back(to[i] / from[i]);
  }
  NodeProto lifted = it.node;
  lifted.set_input(0, it.graph.lifted(it.in(0)));
  lifted.set_input(1, it.graph.constant(repeats));
  keep_lifted(it, std::move(lifted));
}

// Ones keep what is there.
void open_expand(const BatchNode& it) {
  it.expect_shared_from(1, "spreads to a shape that depends on the input");
  Shape to = it.graph.shape(it.out());
  const int rank = static_cast<int>(to.size());
  const int items = rank - it.rank(0) + *it.axis(0);
  NodeProto node = it.node;
  if (to[static_cast<std::size_t>(items)] == it.graph.shape(it.in(0))[static_cast<std::size_t>(*it.axis(0))]) {
    to[static_cast<std::size_t>(items)] = 1;
    node.set_input(1, it.graph.constant(to));
    it.graph.keep(node, items);
    return;
  }
  Integers sizes{1};
  sizes.insert(sizes.end(), to.begin(), to.end());
  node.set_input(0, it.graph.lifted(it.in(0), rank));
  node.set_input(1, it.graph.constant(sizes));
  keep_lifted(it, std::move(node));
}

void open_shape(const BatchNode& it) {
  Shape sizes = it.graph.shape(it.in(0));
  const auto count = static_cast<std::int64_t>(sizes.size());
  const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count); };
  const std::int64_t start = place(number_of(it.node, "start", 0));
  const std::int64_t end = std::max(start, place(number_of(it.node, "end", count)));
  it.graph.add("Identity", {it.graph.constant({sizes.begin() + start, sizes.begin() + end})}, it.out());
}

void open_size(const BatchNode& it) {
  const auto count = static_cast<std::int64_t>(element_count(it.graph.shape(it.in(0))));
  it.graph.add("Squeeze", {it.graph.constant({count})}, it.out());
}

}  // namespace facegraph::runtime
