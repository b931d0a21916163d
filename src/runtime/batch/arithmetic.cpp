#include <algorithm>
#include <utility>

#include "runtime/batch/batch_node.hpp"

namespace facegraph::runtime {

using onnx::NodeProto;
using Integers = std::vector<std::int64_t>;

// Element by element, with inputs spread over each other. As they are, where all have their items at one place, counted
// from the end, and nothing else lies there; else lifted.
void open_elementwise(const BatchNode& it) {
  std::optional<int> from_end;
  std::int64_t size = 0;
  bool as_they_are = true;
  int rank = 1;
  for (const std::string& name : it.given()) {
    rank = std::max(rank, it.graph.rank(name));
    if (const std::optional<int> axis = it.graph.axis(name)) {
      const int place = it.graph.rank(name) - *axis;
      const std::int64_t own = it.graph.shape(name)[static_cast<std::size_t>(*axis)];
      as_they_are = as_they_are && (!from_end || (*from_end == place && size == own));
      from_end = place;
      size = own;
    }
  }
  for (const std::string& name : it.given()) {
    const int place = it.graph.rank(name) - *from_end;
    as_they_are = as_they_are && (it.graph.holds_items(name) || place < 0 ||
                                  it.graph.shape(name)[static_cast<std::size_t>(place)] == 1);
  }
  if (as_they_are) {
    it.graph.keep(it.node, rank - *from_end);
    return;
  }
  NodeProto lifted = it.node;
  for (std::string& name : *lifted.mutable_input()) {
    name = it.graph.holds_items(name) ? it.graph.lifted(name, rank) : name;
  }
  keep_lifted(it, std::move(lifted));
}

void open_product(const BatchNode& it) {
  open_elementwise(it);
  note_product(it);
}

// Of pictures whose first axis counts them.
void open_pictures(const BatchNode& it) {
  if ((it.op() == "Conv" || it.op() == "ConvTranspose") && open_modulated(it)) {
    return;
  }
  it.expect_shared_from(1, "has weights that depend on the input");
  it.node.set_input(0, it.graph.in_front(it.in(0)));
  it.graph.keep(it.node, 0);
}

void open_grid_sample(const BatchNode& it) {
  for (int i = 0; i < 2; ++i) {
    it.node.set_input(i, it.graph.in_front(it.in(i)));
  }
  it.graph.keep(it.node, 0);
}

void open_matrix_product(const BatchNode& it) {
  const std::optional<int> left = it.axis(0);
  const std::optional<int> right = it.axis(1);
  if (left && !right && it.rank(1) <= 2 && *left < it.rank(0) - 1) {  // items are rows, or lie before them
    it.graph.keep(it.node, left);
    return;
  }
  const int rank = std::max(it.rank(0), it.rank(1));
  if (std::min(it.rank(0), it.rank(1)) < 2) {
    it.refuse("multiplies a row of numbers, items cannot be kept apart there");
  }
  const bool side_by_side = left && left == right && it.rank(0) == it.rank(1) && *left < rank - 2 &&
                            it.graph.shape(it.in(0))[static_cast<std::size_t>(*left)] ==
                                it.graph.shape(it.in(1))[static_cast<std::size_t>(*left)];
  if (side_by_side) {
    it.graph.keep(it.node, left);
    return;
  }
  NodeProto lifted = it.node;
  for (std::string& name : *lifted.mutable_input()) {
    name = it.graph.holds_items(name) ? it.graph.lifted(name, rank) : name;
  }
  keep_lifted(it, std::move(lifted));
}

void open_gemm(const BatchNode& it) {
  it.expect_shared_from(1, "multiplies items with each other");
  const bool turned = number_of(it.node, "transA", 0) != 0;
  if (*it.axis(0) != (turned ? 1 : 0)) {
    it.refuse("sums up along the items");
  }
  if (!it.in(2).empty() && it.rank(2) == 2 && it.graph.shape(it.in(2)).front() != 1) {
    it.refuse("adds a number of its own to each row of an item");
  }
  it.graph.keep(it.node, 0);
}

}  // namespace facegraph::runtime
