// Convolutions whose weights are multiplied by numbers of the item (StyleGAN's, GFPGAN's): several items would each
// need weights of their own. What is multiplied along the channels that go in or come out can as well be multiplied
// into the pictures before or after, and the weights count for all.
#include <algorithm>
#include <utility>

#include "runtime/batch/batch_node.hpp"
#include "runtime/precision/tensor_types.hpp"

namespace facegraph::runtime {

using onnx::NodeProto;

namespace {

// The only axis along which it has more than one value, counted from the end.
std::optional<int> only_axis(const Shape& shape) {
  std::optional<int> found;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 1) {
      if (found) {
        return std::nullopt;
      }
      found = static_cast<int>(shape.size() - i);
    }
  }
  return found;
}

Shape without_leading_ones(const Shape& shape) {
  return {std::find_if(shape.begin(), shape.end(), [](std::int64_t size) { return size != 1; }), shape.end()};
}

// An item's numbers as factors of its channels.
std::string of_channels(BatchGraph& graph, const std::string& factor) {
  const auto channels = static_cast<std::int64_t>(element_count(graph.shape(factor)));
  const std::string shaped = graph.new_name(factor);
  graph.add("Reshape", {graph.lifted(factor), graph.constant({-1, channels, 1, 1})}, shaped);
  return shaped;
}

}  // namespace

void note_product(const BatchNode& it) {
  for (const int side : {0, 1}) {
    if (side == 1 && it.op() == "Div") {
      return;
    }
    const std::string& weights = it.in(side);
    const std::string& factor = it.in(1 - side);
    const Modulated* before = it.graph.modulated(weights);
    const bool is_base = before != nullptr || !it.graph.holds_items(weights);
    if (!is_base || !it.graph.holds_items(factor) || it.graph.shape(weights) != it.graph.shape(it.out())) {
      continue;
    }
    if (const std::optional<int> axis = only_axis(it.graph.shape(factor))) {
      Modulated product = before == nullptr ? Modulated{.weights = weights} : *before;
      product.factors.push_back({it.op(), factor, *axis});
      it.graph.note_modulated(it.out(), std::move(product));
      return;
    }
  }
}

void note_reshape(const BatchNode& it) {
  const Modulated* before = it.graph.modulated(it.in(0));
  const Shape& to = it.graph.shape(it.out());
  if (before == nullptr || without_leading_ones(it.graph.shape(it.in(0))) != without_leading_ones(to)) {
    return;
  }
  Modulated reshaped = *before;
  reshaped.weights = it.graph.new_name(before->weights);
  it.graph.add("Reshape", {before->weights, it.graph.constant(to)}, reshaped.weights);
  it.graph.note_modulated(it.out(), std::move(reshaped));
}

void note_transpose(const BatchNode& it) {
  const Modulated* before = it.graph.modulated(it.in(0));
  const onnx::AttributeProto* order = find_attribute(it.node, "perm");
  const int rank = it.rank(0);
  if (before == nullptr || order == nullptr) {
    return;
  }
  Modulated turned = *before;
  turned.weights = it.graph.new_name(before->weights);
  *it.graph.add("Transpose", {before->weights}, turned.weights).add_attribute() = *order;
  for (Modulated::Factor& factor : turned.factors) {
    const auto place = std::find(order->ints().begin(), order->ints().end(), rank - factor.axis);
    factor.axis = rank - static_cast<int>(place - order->ints().begin());
  }
  it.graph.note_modulated(it.out(), std::move(turned));
}

bool open_modulated(const BatchNode& it) {
  constexpr int kRank = 4;
  const Modulated* weights = it.graph.modulated(it.in(1));
  const std::string front = weights == nullptr ? std::string() : it.graph.in_front(it.in(0));
  if (weights == nullptr || number_of(it.node, "group", 1) != 1 || it.rank(1) != kRank ||
      it.graph.shape(front).front() != 1 || it.graph.holds_items(it.in(2))) {
    return false;
  }
  const int out_axis = it.op() == "Conv" ? kRank : kRank - 1;
  const int in_axis = it.op() == "Conv" ? kRank - 1 : kRank;
  std::string pictures = front;
  std::vector<std::pair<std::string, std::string>> after;
  for (const Modulated::Factor& factor : weights->factors) {
    if (factor.axis == in_axis) {
      const std::string brighter = it.graph.new_name(pictures);
      it.graph.add(factor.op, {pictures, of_channels(it.graph, factor.tensor)}, brighter);
      pictures = brighter;
    } else if (factor.axis == out_axis) {
      after.emplace_back(factor.op, of_channels(it.graph, factor.tensor));
    } else {
      return false;
    }
  }
  if (!it.in(2).empty()) {
    const std::string bias = it.graph.new_name(it.in(2));
    it.graph.add("Reshape", {it.in(2), it.graph.constant({1, -1, 1, 1})}, bias);
    after.emplace_back("Add", bias);
  }
  NodeProto node = it.node;
  node.clear_input();
  node.add_input(pictures);
  node.add_input(weights->weights);
  std::string made = after.empty() ? it.out() : it.graph.new_name(it.out());
  node.set_output(0, made);
  it.graph.keep(node);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::string next = i + 1 == after.size() ? it.out() : it.graph.new_name(it.out());
    it.graph.add(after[i].first, {made, after[i].second}, next);
    made = next;
  }
  it.graph.place(it.out(), 0);
  return true;
}

}  // namespace facegraph::runtime
