#include <algorithm>
#include <utility>

#include "runtime/batch/batch_node.hpp"
#include "runtime/precision/tensor_types.hpp"

namespace facegraph::runtime {

using onnx::NodeProto;
using Integers = std::vector<std::int64_t>;

namespace {

// Along one axis from which on, with `to_end`, all are touched.
void along_axis(const BatchNode& it, std::int64_t otherwise, bool to_end) {
  it.expect_shared_from(1, "works along an axis that depends on the input");
  const int axis = axis_of(it.node, otherwise, it.rank(0));
  const int items = *it.axis(0);
  if (axis != items && !(to_end && axis < items)) {
    const bool drops = it.graph.rank(it.out()) < it.rank(0) && axis < items;
    it.graph.keep(it.node, items - (drops ? 1 : 0));
    return;
  }
  NodeProto lifted = it.node;
  lifted.set_input(0, it.graph.lifted(it.in(0)));
  set_number(lifted, "axis", axis + 1);
  keep_lifted(it, std::move(lifted));
}

// Along axes that an attribute or an input names; none: those of `all`.
std::vector<int> axes_of(const BatchNode& it, int input, std::size_t all) {
  Integers axes(all);
  for (std::size_t i = 0; i < all; ++i) {
    axes[i] = static_cast<std::int64_t>(i);
  }
  if (const onnx::AttributeProto* attribute = find_attribute(it.node, "axes")) {
    axes.assign(attribute->ints().begin(), attribute->ints().end());
  } else if (!it.in(input).empty()) {
    const std::optional<Integers> values = it.graph.integers(it.in(input));
    if (!values) {
      it.refuse("works along axes that it computes");
    }
    axes = values->empty() ? axes : *values;
  }
  std::vector<int> result;
  for (const std::int64_t axis : axes) {
    result.push_back(static_cast<int>(axis < 0 ? axis + it.rank(0) : axis));
  }
  return result;
}

void set_axes(const BatchNode& it, NodeProto& node, int input, const std::vector<int>& axes) {
  Integers next;
  for (const int axis : axes) {
    next.push_back(axis + 1);
  }
  const bool by_attribute = find_attribute(node, "axes") != nullptr;
  if (!by_attribute && (it.opset >= 18 || it.op() == "Slice" || (it.op() == "ReduceSum" && it.opset >= 13))) {
    while (node.input_size() <= input) {
      node.add_input("");
    }
    node.set_input(input, it.graph.constant(next));
    return;
  }
  auto& attributes = *node.mutable_attribute();
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                  [](const onnx::AttributeProto& known) { return known.name() == "axes"; }),
                   attributes.end());
  onnx::AttributeProto& added = *node.add_attribute();
  added.set_name("axes");
  added.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t axis : next) {
    added.add_ints(axis);
  }
}

void along_axes(const BatchNode& it, int input, std::size_t all) {
  it.expect_shared_from(1, "works along axes that depend on the input");
  const std::vector<int> axes = axes_of(it, input, all);
  const int items = *it.axis(0);
  if (std::find(axes.begin(), axes.end(), items) == axes.end()) {
    const bool drops = it.graph.rank(it.out()) < it.rank(0);
    const auto before = std::count_if(axes.begin(), axes.end(), [&](int axis) { return axis < items; });
    it.graph.keep(it.node, items - (drops ? static_cast<int>(before) : 0));
    return;
  }
  NodeProto lifted = it.node;
  lifted.set_input(0, it.graph.lifted(it.in(0)));
  set_axes(it, lifted, input, axes);
  keep_lifted(it, std::move(lifted));
}

}  // namespace

void open_along_first(const BatchNode& it) {
  along_axis(it, 0, false);
}

void open_along_last(const BatchNode& it) {
  along_axis(it, -1, false);
}

void open_from_last(const BatchNode& it) {
  along_axis(it, -1, true);
}

void open_softmax(const BatchNode& it) {
  constexpr std::int64_t kOneAxis = 13;  // before, all from it on
  along_axis(it, it.opset < kOneAxis ? 1 : -1, it.opset < kOneAxis);
}

void open_reduction(const BatchNode& it) {
  const bool nothing = number_of(it.node, "noop_with_empty_axes", 0) != 0;
  along_axes(it, 1, nothing ? 0 : it.graph.shape(it.in(0)).size());
}

void open_slice(const BatchNode& it) {
  constexpr int kAxes = 3;
  along_axes(it, kAxes, static_cast<std::size_t>(it.graph.shape(it.in(1)).at(0)));
}

void open_concat(const BatchNode& it) {
  const int rank = it.graph.rank(it.out());
  const int axis = axis_of(it.node, 0, rank);
  const std::optional<int> items = it.axis(0);
  const bool as_they_are = items && *items != axis &&
                           std::all_of(it.node.input().begin(), it.node.input().end(),
                                       [&](const auto& name) { return it.graph.axis(name) == items; });
  if (as_they_are) {
    it.graph.keep(it.node, items);
    return;
  }
  NodeProto lifted = it.node;
  for (std::string& name : *lifted.mutable_input()) {
    name = it.graph.lifted(name);
  }
  set_number(lifted, "axis", axis + 1);
  keep_lifted(it, std::move(lifted));
}

void open_gather(const BatchNode& it) {
  const int axis = axis_of(it.node, 0, it.rank(0));
  const std::optional<int> items = it.axis(0);
  const std::optional<int> indices = it.axis(1);
  if (items && indices) {
    it.refuse("picks from each item what the item says");
  }
  if (indices) {
    it.graph.keep(it.node, axis + *indices);
  } else if (*items != axis) {
    it.graph.keep(it.node, *items < axis ? *items : *items + it.rank(1) - 1);
  } else {
    NodeProto lifted = it.node;
    lifted.set_input(0, it.graph.lifted(it.in(0)));
    set_number(lifted, "axis", axis + 1);
    keep_lifted(it, std::move(lifted));
  }
}

void open_gather_elements(const BatchNode& it) {
  NodeProto lifted = it.node;
  lifted.set_input(0, it.graph.lifted(it.in(0)));
  lifted.set_input(1, it.graph.lifted(it.in(1)));
  set_number(lifted, "axis", axis_of(it.node, 0, it.rank(0)) + 1);
  keep_lifted(it, std::move(lifted));
}

void open_cumulative_sum(const BatchNode& it) {
  const std::optional<Integers> axis = it.graph.integers(it.in(1));
  if (!axis || axis->empty()) {
    it.refuse("works along an axis that it computes");
  }
  const int own = static_cast<int>(axis->front() < 0 ? axis->front() + it.rank(0) : axis->front());
  if (own != *it.axis(0)) {
    it.graph.keep(it.node, it.axis(0));
    return;
  }
  NodeProto lifted = it.node;
  lifted.set_input(0, it.graph.lifted(it.in(0)));
  lifted.set_input(1, it.graph.constant({own + 1}));
  keep_lifted(it, std::move(lifted));
}

}  // namespace facegraph::runtime
