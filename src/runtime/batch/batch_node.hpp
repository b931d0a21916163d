// A node that is being rewritten for several items, and the rules of its operators. Internal to batch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

#include "core/base/error.hpp"
#include "runtime/batch/batch_graph.hpp"

namespace facegraph::runtime {

// A node in its graph.
struct BatchNode {
  BatchGraph& graph;
  onnx::NodeProto& node;
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
    core::fail(core::ErrorCode::kFailed, "{} `{}` {}", op(), node.name().empty() ? out() : node.name(), reason);
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

// Adds the node with these lifted inputs, and what brings its outputs back.
void keep_lifted(const BatchNode& it, onnx::NodeProto lifted);

// Each adds what does for several items what the node does for one, or refuses. At least one input holds items.

// Element by element (arithmetic.cpp); pictures are counted by their first axis, with weights that count for all.
void open_elementwise(const BatchNode& it);
void open_product(const BatchNode& it);
void open_pictures(const BatchNode& it);
void open_grid_sample(const BatchNode& it);
void open_matrix_product(const BatchNode& it);
void open_gemm(const BatchNode& it);

// Of convolutions whose weights are multiplied by numbers of the item (modulation.cpp): what products, reshapes and
// transposes make of such weights, and the convolution itself; false, and nothing added that counts, for any other.
void note_product(const BatchNode& it);
void note_reshape(const BatchNode& it);
void note_transpose(const BatchNode& it);
bool open_modulated(const BatchNode& it);

// Operators that work along axes (along_axes.cpp); first and last: the axis of a node that names none.
void open_along_first(const BatchNode& it);
void open_along_last(const BatchNode& it);
void open_from_last(const BatchNode& it);  // and along all that follow
void open_softmax(const BatchNode& it);
void open_reduction(const BatchNode& it);
void open_slice(const BatchNode& it);
void open_concat(const BatchNode& it);
void open_gather(const BatchNode& it);
void open_gather_elements(const BatchNode& it);
void open_cumulative_sum(const BatchNode& it);

// Operators that make other shapes (shapes.cpp).
void open_reshape(const BatchNode& it);
void open_transpose(const BatchNode& it);
void open_resize(const BatchNode& it);
void open_pad(const BatchNode& it);
void open_tile(const BatchNode& it);
void open_expand(const BatchNode& it);
// What is made of a shape counts for all items: shapes that tensors of items get are written anew.
void open_shape(const BatchNode& it);
void open_size(const BatchNode& it);

}  // namespace facegraph::runtime
