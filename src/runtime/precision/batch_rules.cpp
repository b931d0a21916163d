#include "runtime/precision/batch_rules.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "runtime/precision/tensor_types.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;
using onnx::NodeProto;
using Integers = std::vector<std::int64_t>;

namespace {

// A node in its graph.
struct Subject {
  BatchGraph& graph;
  NodeProto& node;
  std::int64_t opset;

  const std::string& op() const { return node.op_type(); }
  const std::string& in(int index) const {
    static const std::string kNone;
    return index < node.input_size() ? node.input(index) : kNone;
  }
  const std::string& out() const { return node.output(0); }
  std::optional<int> axis(int input) const { return graph.axis(in(input)); }
  int rank(int input) const { return graph.rank(in(input)); }
  // Without the inputs that are left out.
  std::vector<std::string> given() const {
    std::vector<std::string> names;
    std::copy_if(node.input().begin(), node.input().end(), std::back_inserter(names),
                 [](const std::string& name) { return !name.empty(); });
    return names;
  }
  [[noreturn]] void refuse(const char* reason) const {
    fail(ErrorCode::kFailed, "{} `{}` {}", op(), node.name().empty() ? out() : node.name(), reason);
  }
  // Of those after the first input.
  void expect_shared_from(int first, const char* reason) const {
    for (int i = first; i < node.input_size(); ++i) {
      if (graph.holds_items(in(i))) {
        refuse(reason);
      }
    }
  }
};

// Runs the node on lifted inputs, and brings its outputs back.
void keep_lifted(const Subject& it, NodeProto lifted) {
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

// Element by element, with inputs spread over each other. As they are, where all have their items at one place, counted
// from the end, and nothing else lies there; else lifted.
void elementwise(const Subject& it) {
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

// The same elements in the same order, in another shape.
void reshape(const Subject& it) {
  if (!it.axis(0)) {
    it.refuse("takes its shape from values of the input");
  }
  it.graph.reshape(it.in(0), it.out());
}

void transpose(const Subject& it) {
  const int rank = it.rank(0);
  const onnx::AttributeProto* order = find_attribute(it.node, "perm");
  for (int i = 0; i < rank; ++i) {
    if ((order == nullptr ? rank - 1 - i : static_cast<int>(order->ints(i))) == *it.axis(0)) {
      it.graph.keep(it.node, i);
    }
  }
}

// Of pictures whose first axis counts them.
void pictures(const Subject& it) {
  it.expect_shared_from(1, "has weights that depend on the input");
  it.node.set_input(0, it.graph.in_front(it.in(0)));
  it.graph.keep(it.node, 0);
}

void sample(const Subject& it) {
  for (int i = 0; i < 2; ++i) {
    it.node.set_input(i, it.graph.in_front(it.in(i)));
  }
  it.graph.keep(it.node, 0);
}

void resize(const Subject& it) {
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

// Along one axis from which on, with `to_end`, all are touched.
void along_axis(const Subject& it, std::int64_t otherwise, bool to_end) {
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

void along_first(const Subject& it) {
  along_axis(it, 0, false);
}
void along_last(const Subject& it) {
  along_axis(it, -1, false);
}
void from_last(const Subject& it) {
  along_axis(it, -1, true);
}
void softmax(const Subject& it) {
  constexpr std::int64_t kOneAxis = 13;  // before, all from it on
  along_axis(it, it.opset < kOneAxis ? 1 : -1, it.opset < kOneAxis);
}

// Along axes that an attribute or an input names; none: those of `all`.
std::vector<int> axes_of(const Subject& it, int input, std::size_t all) {
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

void set_axes(const Subject& it, NodeProto& node, int input, const std::vector<int>& axes) {
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

void along_axes(const Subject& it, int input, std::size_t all) {
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

void reduce(const Subject& it) {
  const bool nothing = number_of(it.node, "noop_with_empty_axes", 0) != 0;
  along_axes(it, 1, nothing ? 0 : it.graph.shape(it.in(0)).size());
}

void slice(const Subject& it) {
  constexpr int kAxes = 3;
  along_axes(it, kAxes, static_cast<std::size_t>(it.graph.shape(it.in(1)).at(0)));
}

void concat(const Subject& it) {
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

void gather(const Subject& it) {
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

void gather_elements(const Subject& it) {
  NodeProto lifted = it.node;
  lifted.set_input(0, it.graph.lifted(it.in(0)));
  lifted.set_input(1, it.graph.lifted(it.in(1)));
  set_number(lifted, "axis", axis_of(it.node, 0, it.rank(0)) + 1);
  keep_lifted(it, std::move(lifted));
}

void sum_up(const Subject& it) {
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

// Size of the item along its axis, and what is made of it there.
bool keeps_items_apart(const Subject& it) {
  const auto items = static_cast<std::size_t>(*it.axis(0));
  return it.graph.shape(it.in(0))[items] == it.graph.shape(it.out())[items];
}

void pad(const Subject& it) {
  it.expect_shared_from(1, "has margins that depend on the input");
  if (!keeps_items_apart(it)) {
    it.refuse("adds margins along the items");
  }
  it.graph.keep(it.node, it.axis(0));
}

void tile(const Subject& it) {
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
void expand(const Subject& it) {
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

void multiply_matrices(const Subject& it) {
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

void gemm(const Subject& it) {
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

// What a shape is made for counts for all items: shapes that tensors get are written anew above.
void shape(const Subject& it) {
  Shape sizes = it.graph.shape(it.in(0));
  const auto count = static_cast<std::int64_t>(sizes.size());
  const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count); };
  const std::int64_t start = place(number_of(it.node, "start", 0));
  const std::int64_t end = std::max(start, place(number_of(it.node, "end", count)));
  it.graph.add("Identity", {it.graph.constant({sizes.begin() + start, sizes.begin() + end})}, it.out());
}

void size(const Subject& it) {
  const auto count = static_cast<std::int64_t>(element_count(it.graph.shape(it.in(0))));
  it.graph.add("Squeeze", {it.graph.constant({count})}, it.out());
}

using Rule = void (*)(const Subject& it);

const std::unordered_map<std::string, Rule>& rules() {
  static const std::unordered_map<std::string, Rule> all = [] {
    std::unordered_map<std::string, Rule> table;
    const auto put = [&](Rule rule, std::initializer_list<const char*> operators) {
      for (const char* name : operators) {
        table.emplace(name, rule);
      }
    };
    put(elementwise, {"Abs",
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
                      "Div",
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
                      "Mul",
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
    put(reshape, {"Flatten", "Reshape", "Squeeze", "Unsqueeze"});
    put(transpose, {"Transpose"});
    put(pictures, {"AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "DepthToSpace", "GlobalAveragePool",
                   "GlobalLpPool", "GlobalMaxPool", "GroupNormalization", "InstanceNormalization", "LRN", "LpPool",
                   "MaxPool", "SpaceToDepth"});
    put(sample, {"GridSample"});
    put(resize, {"Resize", "Upsample"});
    put(along_first, {"ArgMax", "ArgMin", "Split"});
    put(along_last, {"LpNormalization", "TopK"});
    put(from_last, {"LayerNormalization"});
    put(softmax, {"Hardmax", "LogSoftmax", "Softmax"});
    put(reduce, {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
                 "ReduceProd", "ReduceSum", "ReduceSumSquare"});
    put(slice, {"Slice"});
    put(concat, {"Concat"});
    put(gather, {"Gather"});
    put(gather_elements, {"GatherElements"});
    put(sum_up, {"CumSum"});
    put(pad, {"Pad"});
    put(tile, {"Tile"});
    put(expand, {"Expand"});
    put(multiply_matrices, {"MatMul"});
    put(gemm, {"Gemm"});
    put(shape, {"Shape"});
    put(size, {"Size"});
    return table;
  }();
  return all;
}

bool is_control_flow(const NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(), [](const onnx::AttributeProto& attribute) {
    return attribute.has_g() || attribute.graphs_size() > 0;
  });
}

}  // namespace

void open_node(BatchGraph& graph, NodeProto node, std::int64_t opset) {
  if (is_control_flow(node)) {
    fail(ErrorCode::kFailed, "it has control flow ({})", node.op_type());
  }
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
