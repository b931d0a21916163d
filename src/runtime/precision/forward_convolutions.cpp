#include "runtime/precision/forward_convolutions.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "runtime/precision/model_file.hpp"
#include "runtime/precision/tensor_types.hpp"

namespace facegraph::runtime {

namespace {

using onnx::NodeProto;
using onnx::TensorProto;
using Pair = std::array<std::int64_t, 2>;  // rows, columns

constexpr std::int64_t kFirstOpsetWithOrderedDepths = 11;  // DepthToSpace's mode

// Sizes of one ConvTranspose. Output row u, before `begin` rows are cut off, is the sum over k = r + stride * t of
// input row q - t times kernel row k, where u = stride * q + r: for each r a convolution with taps t = 0 .. taps - 1.
struct Transposed {
  Pair kernel{};
  Pair stride{1, 1};
  Pair begin{};
  Pair end{};

  Pair taps() const { return {(kernel[0] + stride[0] - 1) / stride[0], (kernel[1] + stride[1] - 1) / stride[1]}; }
  std::int64_t depth() const { return stride[0] * stride[1]; }
  // What stays of an axis of stride * (n + taps - 1) rows: up to this many from its end.
  std::int64_t rows_after(int axis) const { return stride[axis] * taps()[axis] - kernel[axis] + end[axis]; }
};

bool read_pair(const NodeProto& node, const char* name, Pair& values, int from = 0) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  if (attribute == nullptr) {
    return true;
  }
  if (attribute->ints_size() < from + 2) {
    return false;
  }
  values = {attribute->ints(from), attribute->ints(from + 1)};
  return true;
}

// Of a stored weight; of one that is computed, the node may say it. None: it is not known.
std::optional<Pair> kernel_of(const NodeProto& node, const TensorProto* weight) {
  Pair kernel{};
  if (weight != nullptr) {
    return weight->dims_size() == 4 ? std::optional(Pair{weight->dims(2), weight->dims(3)}) : std::nullopt;
  }
  const bool is_said = find_attribute(node, "kernel_shape") != nullptr && read_pair(node, "kernel_shape", kernel);
  return is_said ? std::optional(kernel) : std::nullopt;
}

// Nothing where the node has more than what is rewritten here.
std::optional<Transposed> read(const NodeProto& node, const TensorProto* weight) {
  const onnx::AttributeProto* group = find_attribute(node, "group");
  const onnx::AttributeProto* automatic = find_attribute(node, "auto_pad");
  Pair dilation{1, 1};
  Pair added{};
  const std::optional<Pair> kernel = kernel_of(node, weight);
  Transposed sizes;
  if (!kernel || (group != nullptr && group->i() != 1) || (automatic != nullptr && automatic->s() != "NOTSET") ||
      find_attribute(node, "output_shape") != nullptr || !read_pair(node, "strides", sizes.stride) ||
      !read_pair(node, "dilations", dilation) || !read_pair(node, "output_padding", added) ||
      !read_pair(node, "pads", sizes.begin) || !read_pair(node, "pads", sizes.end, 2) || dilation != Pair{1, 1}) {
    return std::nullopt;
  }
  sizes.kernel = *kernel;
  sizes.end = {sizes.end[0] - added[0], sizes.end[1] - added[1]};
  // DepthToSpace has one stride; rows beyond the last product would have to be made.
  const bool fits = sizes.stride[0] == sizes.stride[1] && sizes.rows_after(0) >= 0 && sizes.rows_after(1) >= 0;
  return fits ? std::optional(sizes) : std::nullopt;
}

// [ins, outs, k, k] -> [outs * stride^2, ins, taps, taps], taps in the order of a correlation.
template <typename T>
std::string forward_weight(const std::string& raw, const Transposed& s, std::int64_t ins, std::int64_t outs) {
  const Pair taps = s.taps();
  const auto* from = reinterpret_cast<const T*>(raw.data());
  std::string bytes(static_cast<std::size_t>(outs * s.depth() * ins * taps[0] * taps[1]) * sizeof(T), '\0');
  auto* to = reinterpret_cast<T*>(bytes.data());
  for (std::int64_t channel = 0; channel < outs * s.depth(); ++channel) {
    const std::int64_t out = channel / s.depth();
    const Pair phase{channel % s.depth() / s.stride[1], channel % s.stride[1]};
    for (std::int64_t in = 0; in < ins; ++in) {
      for (std::int64_t y = 0; y < taps[0]; ++y) {
        for (std::int64_t x = 0; x < taps[1]; ++x, ++to) {
          const std::int64_t row = phase[0] + s.stride[0] * (taps[0] - 1 - y);
          const std::int64_t column = phase[1] + s.stride[1] * (taps[1] - 1 - x);
          if (row < s.kernel[0] && column < s.kernel[1]) {
            *to = from[((in * outs + out) * s.kernel[0] + row) * s.kernel[1] + column];
          }
        }
      }
    }
  }
  return bytes;
}

template <typename T>
std::string repeat_each(const std::string& raw, std::int64_t times) {
  std::string bytes;
  for (std::size_t at = 0; at < raw.size(); at += sizeof(T)) {
    for (std::int64_t i = 0; i < times; ++i) {
      bytes.append(raw, at, sizeof(T));
    }
  }
  return bytes;
}

class Writer {
 public:
  Writer(onnx::GraphProto& graph, Weights weights) : graph_(graph), takes_computed_(weights == Weights::kAll) {
    for (const TensorProto& tensor : graph.initializer()) {
      weights_[tensor.name()] = &tensor;
    }
  }

  // Whether anything changed.
  bool rewrite() {
    google::protobuf::RepeatedPtrField<NodeProto> old;
    old.Swap(graph_.mutable_node());
    bool changed = false;
    for (NodeProto& node : old) {
      if (node.op_type() == "ConvTranspose" && node.domain().empty() && forward(node)) {
        changed = true;
      } else {
        graph_.mutable_node()->Add(std::move(node));
      }
    }
    remove_unread();
    return changed;
  }

 private:
  bool forward(const NodeProto& node) {
    const TensorProto* weight = constant(node.input(1));
    const bool is_computed = takes_computed_ && !weights_.contains(node.input(1));
    const bool has_bias = node.input_size() > 2 && !node.input(2).empty();
    const TensorProto* bias = has_bias ? constant(node.input(2)) : nullptr;
    const std::optional<Transposed> sizes =
        weight != nullptr || is_computed ? read(node, weight) : std::optional<Transposed>();
    if (!sizes || (has_bias && bias == nullptr)) {
      return false;
    }
    unread_.insert(node.input().begin() + 1, node.input().end());
    const std::string name = node.output(0);
    is_computed ? compute_weight(node.input(1), name, *sizes) : store_weight(*weight, name, *sizes);
    NodeProto& conv = add("Conv", name + "@conv", {node.input(0), name + "@weight"});
    if (has_bias) {
      conv.add_input(name + "@bias");
      const std::string raw = raw_data(*bias);
      add_constant(name + "@bias", bias->data_type(), {bias->dims(0) * sizes->depth()},
                   bias->data_type() == TensorProto::FLOAT ? repeat_each<float>(raw, sizes->depth())
                                                           : repeat_each<std::uint16_t>(raw, sizes->depth()));
    }
    const Pair pad{sizes->taps()[0] - 1, sizes->taps()[1] - 1};
    set_integers(conv, "pads", {pad[0], pad[1], pad[0], pad[1]});
    add_space_and_slice(name, *sizes);
    return true;
  }

  void store_weight(const TensorProto& weight, const std::string& name, const Transposed& sizes) {
    const std::string raw = raw_data(weight);
    const std::int64_t ins = weight.dims(0);
    const std::int64_t outs = weight.dims(1);
    add_constant(name + "@weight", weight.data_type(), {outs * sizes.depth(), ins, sizes.taps()[0], sizes.taps()[1]},
                 weight.data_type() == TensorProto::FLOAT ? forward_weight<float>(raw, sizes, ins, outs)
                                                          : forward_weight<std::uint16_t>(raw, sizes, ins, outs));
  }

  // What forward_weight() does, as nodes: modulated convolutions (StyleGAN) make their weights of the input.
  void compute_weight(const std::string& weight, const std::string& name, const Transposed& sizes) {
    const Pair taps = sizes.taps();
    const Pair stride = sizes.stride;
    add_integers(name + "@missing",
                 {0, 0, 0, 0, 0, 0, taps[0] * stride[0] - sizes.kernel[0], taps[1] * stride[1] - sizes.kernel[1]});
    add("Pad", name + "@padded", {weight, name + "@missing"});
    add_integers(name + "@phases", {0, 0, taps[0], stride[0], taps[1], stride[1]});
    add("Reshape", name + "@apart", {name + "@padded", name + "@phases"});
    set_integers(add("Transpose", name + "@taps", {name + "@apart"}), "perm", {0, 2, 4, 1, 3, 5});
    constexpr std::int64_t kBeforeTheFirst = std::numeric_limits<std::int64_t>::min();
    add_integers(name + "@last", {-1, -1});
    add_integers(name + "@first", {kBeforeTheFirst, kBeforeTheFirst});
    add_integers(name + "@tap axes", {1, 2});
    add("Slice", name + "@backwards",
        {name + "@taps", name + "@last", name + "@first", name + "@tap axes", name + "@last"});  // steps of -1
    add_integers(name + "@channels", {0, 0, 0, -1});
    add("Reshape", name + "@joined", {name + "@backwards", name + "@channels"});
    set_integers(add("Transpose", name + "@weight", {name + "@joined"}), "perm", {3, 0, 1, 2});
  }

  void add_space_and_slice(const std::string& name, const Transposed& sizes) {
    std::string from = name + "@conv";
    if (sizes.depth() > 1) {
      NodeProto& space = add("DepthToSpace", name + "@space", {from});
      onnx::AttributeProto& mode = *space.add_attribute();
      mode.set_name("mode");
      mode.set_type(onnx::AttributeProto::STRING);
      mode.set_s("CRD");
      onnx::AttributeProto& block = *space.add_attribute();
      block.set_name("blocksize");
      block.set_type(onnx::AttributeProto::INT);
      block.set_i(sizes.stride[0]);
      from = name + "@space";
    }
    constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();
    const auto end = [&](int axis) { return sizes.rows_after(axis) == 0 ? kToTheEnd : -sizes.rows_after(axis); };
    add_integers(name + "@starts", {sizes.begin[0], sizes.begin[1]});
    add_integers(name + "@ends", {end(0), end(1)});
    add_integers(name + "@axes", {2, 3});
    add("Slice", name, {from, name + "@starts", name + "@ends", name + "@axes"});
  }

  // A weight that is stored in the file, in a type that is rewritten.
  const TensorProto* constant(const std::string& name) const {
    const auto found = weights_.find(name);
    const bool usable = found != weights_.end() && found->second->data_location() != TensorProto::EXTERNAL &&
                        (found->second->data_type() == TensorProto::FLOAT ||
                         (found->second->data_type() == TensorProto::FLOAT16 && found->second->has_raw_data()));
    return usable ? found->second : nullptr;
  }

  // Weights of the nodes that went, unless others read them.
  void remove_unread() {
    for (const NodeProto& node : graph_.node()) {
      std::for_each(node.input().begin(), node.input().end(), [&](const std::string& name) { unread_.erase(name); });
    }
    auto& tensors = *graph_.mutable_initializer();
    tensors.erase(std::remove_if(tensors.begin(), tensors.end(),
                                 [&](const TensorProto& tensor) { return unread_.contains(tensor.name()); }),
                  tensors.end());
  }

  static std::string raw_data(const TensorProto& tensor) {
    if (tensor.has_raw_data()) {
      return tensor.raw_data();
    }
    const auto& values = tensor.float_data();
    return {reinterpret_cast<const char*>(values.data()), static_cast<std::size_t>(values.size()) * sizeof(float)};
  }

  NodeProto& add(const char* op, const std::string& output, std::initializer_list<std::string> inputs) {
    NodeProto& node = *graph_.add_node();
    node.set_op_type(op);
    node.set_name(output);
    std::for_each(inputs.begin(), inputs.end(), [&](const std::string& input) { node.add_input(input); });
    node.add_output(output);
    return node;
  }

  void add_constant(const std::string& name, int type, std::initializer_list<std::int64_t> dims, std::string raw) {
    TensorProto& tensor = *graph_.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    std::for_each(dims.begin(), dims.end(), [&](std::int64_t dim) { tensor.add_dims(dim); });
    tensor.set_raw_data(std::move(raw));
  }
  void add_integers(const std::string& name, std::initializer_list<std::int64_t> values) {
    add_constant(name, TensorProto::INT64, {static_cast<std::int64_t>(values.size())},
                 {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(std::int64_t)});
  }
  static void set_integers(NodeProto& node, const char* name, std::initializer_list<std::int64_t> values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    std::for_each(values.begin(), values.end(), [&](std::int64_t value) { attribute.add_ints(value); });
  }

  onnx::GraphProto& graph_;
  bool takes_computed_;
  std::unordered_map<std::string, const TensorProto*> weights_;
  std::unordered_set<std::string> unread_;
};

bool has_ordered_depths(const onnx::ModelProto& model) {
  return std::any_of(model.opset_import().begin(), model.opset_import().end(), [](const auto& set) {
    return set.domain().empty() && set.version() >= kFirstOpsetWithOrderedDepths;
  });
}

}  // namespace

bool write_forward_convolutions(const std::filesystem::path& from, const std::filesystem::path& to, Weights weights) {
  onnx::ModelProto model = read_model(from);
  if (!has_ordered_depths(model) || !Writer(*model.mutable_graph(), weights).rewrite()) {
    return false;
  }
  write_model(model, to);
  return true;
}

}  // namespace facegraph::runtime
