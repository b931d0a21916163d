#include "runtime/precision/forward_convolutions.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "runtime/pool/inference_pool.hpp"
#include "runtime/precision/model_file.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

struct Case {
  std::vector<std::int64_t> kernel;
  std::int64_t stride;
  std::vector<std::int64_t> pads;
  std::vector<std::int64_t> added{0, 0};
  bool has_bias = true;
  bool computes_weight = false;  // of the input's sum
};

constexpr std::int64_t kIn = 3;
constexpr std::int64_t kOut = 2;

void add_ints(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values) {
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(AttributeProto::INTS);
  std::for_each(values.begin(), values.end(), [&](std::int64_t value) { attribute.add_ints(value); });
}

void add_value(onnx::ValueInfoProto& value, const char* name) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(TensorProto::FLOAT);
  for (int i = 0; i < 4; ++i) {
    type.mutable_shape()->add_dim()->set_dim_param(std::string(name) + std::to_string(i));
  }
}

void add_weights(onnx::GraphProto& graph, const char* name, const std::vector<std::int64_t>& dims) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform(-1, 1);
  TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(TensorProto::FLOAT);
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    tensor.add_dims(dim);
    count *= dim;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    tensor.add_float_data(uniform(random));
  }
}

onnx::ModelProto model_of(const Case& tested) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("net");
  add_value(*graph.add_input(), "input");
  add_value(*graph.add_output(), "output");
  add_weights(graph, "weight", {kIn, kOut, tested.kernel[0], tested.kernel[1]});
  if (tested.computes_weight) {
    onnx::NodeProto& sum = *graph.add_node();
    sum.set_op_type("ReduceSum");
    sum.add_input("input");
    sum.add_output("sum");
    onnx::NodeProto& scaled = *graph.add_node();
    scaled.set_op_type("Mul");
    scaled.add_input("weight");
    scaled.add_input("sum");
    scaled.add_output("scaled");
  }
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type("ConvTranspose");
  node.add_input("input");
  node.add_input(tested.computes_weight ? "scaled" : "weight");
  if (tested.has_bias) {
    add_weights(graph, "bias", {kOut});
    node.add_input("bias");
  }
  node.add_output("output");
  add_ints(node, "strides", {tested.stride, tested.stride});
  add_ints(node, "pads", tested.pads);
  add_ints(node, "output_padding", tested.added);
  if (tested.computes_weight) {
    add_ints(node, "kernel_shape", tested.kernel);
  }
  return model;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {{4, 4}, 2, {1, 1, 1, 1}},         {{3, 3}, 2, {1, 1, 1, 1}, {1, 1}}, {{2, 2}, 2, {0, 0, 0, 0}, {0, 0}, false},
      {{3, 3}, 1, {0, 0, 0, 0}},         {{3, 5}, 2, {0, 2, 1, 1}, {1, 0}}, {{5, 4}, 3, {1, 0, 2, 1}, {2, 1}},
      {{1, 1}, 2, {0, 0, 0, 0}, {1, 1}}, {{7, 7}, 4, {3, 3, 2, 2}},
  };
  return all;
}

class ForwardConvolutionsTest : public testing::Test {
 protected:
  std::vector<float> run(const char* file, Shape& shape) {
    InferencePool pool{ExecutionOptions{}};
    Session session = pool.open("test", {file, scratch_ / file}, std::vector<InputSpec>{{"input", {1, kIn, 5, 7}}});
    std::mt19937 random(4);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::ranges::generate(session.input("input").as<float>(), [&] { return uniform(random); });
    session.run();
    shape = session.output(0).shape;
    const auto values = session.output(0).as<const float>();
    return {values.begin(), values.end()};
  }

  void expect_same_sums() {
    Shape expected_shape;
    Shape shape;
    const std::vector<float> expected = run("transposed.onnx", expected_shape);
    const std::vector<float> found = run("forward.onnx", shape);
    ASSERT_EQ(shape, expected_shape);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(found[i], expected[i], 1e-5 * std::max(1.0F, std::abs(expected[i]))) << i;
    }
  }

  test::Scratch scratch_;
};

TEST_F(ForwardConvolutionsTest, GiveTheSameSums) {
  for (const Case& tested : cases()) {
    SCOPED_TRACE(testing::PrintToString(tested.kernel) + " by " + std::to_string(tested.stride));
    write_model(model_of(tested), scratch_ / "transposed.onnx");
    ASSERT_TRUE(write_forward_convolutions(scratch_ / "transposed.onnx", scratch_ / "forward.onnx", Weights::kStored));
    const onnx::ModelProto forward = read_model(scratch_ / "forward.onnx");
    EXPECT_EQ(forward.graph().node(0).op_type(), "Conv");
    EXPECT_EQ(forward.graph().initializer_size(), tested.has_bias ? 5 : 4);  // the old ones are gone
    expect_same_sums();
  }
}

// Modulated ones.
TEST_F(ForwardConvolutionsTest, OfComputedWeightsGiveTheSameSums) {
  for (Case tested : cases()) {
    SCOPED_TRACE(testing::PrintToString(tested.kernel) + " by " + std::to_string(tested.stride));
    tested.computes_weight = true;
    write_model(model_of(tested), scratch_ / "transposed.onnx");
    EXPECT_FALSE(write_forward_convolutions(scratch_ / "transposed.onnx", scratch_ / "forward.onnx", Weights::kStored));
    ASSERT_TRUE(write_forward_convolutions(scratch_ / "transposed.onnx", scratch_ / "forward.onnx", Weights::kAll));
    EXPECT_FALSE(holds_operator(scratch_ / "forward.onnx", "ConvTranspose"));
    expect_same_sums();
  }
}

TEST_F(ForwardConvolutionsTest, LeaveWhatTheyDoNotCover) {
  const Case tested{{3, 3}, 2, {1, 1, 1, 1}};
  const auto is_rewritten = [&](const onnx::ModelProto& model) {
    write_model(model, scratch_ / "net.onnx");
    return write_forward_convolutions(scratch_ / "net.onnx", scratch_ / "forward.onnx", Weights::kStored);
  };
  EXPECT_TRUE(is_rewritten(model_of(tested)));
  onnx::ModelProto grouped = model_of(tested);
  AttributeProto& group = *grouped.mutable_graph()->mutable_node(0)->add_attribute();
  group.set_name("group");
  group.set_type(AttributeProto::INT);
  group.set_i(3);
  EXPECT_FALSE(is_rewritten(grouped));
  onnx::ModelProto dilated = model_of(tested);
  add_ints(*dilated.mutable_graph()->mutable_node(0), "dilations", {2, 2});
  EXPECT_FALSE(is_rewritten(dilated));
  onnx::ModelProto fed = model_of(tested);  // the weight is an input
  fed.mutable_graph()->mutable_initializer(0)->set_name("other");
  EXPECT_FALSE(is_rewritten(fed));
  onnx::ModelProto old = model_of(tested);
  old.mutable_opset_import(0)->set_version(10);
  EXPECT_FALSE(is_rewritten(old));
  EXPECT_FALSE(is_rewritten(model_of({{2, 2}, 3, {0, 0, 0, 0}, {2, 2}})));  // a row without any product
}

TEST_F(ForwardConvolutionsTest, AreKeptForTheNextRun) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch_ / "");
  write_model(model_of({{4, 4}, 2, {1, 1, 1, 1}}), "net.onnx");
  const ModelSource kept = with_forward_convolutions({"net", "net.onnx"}, Weights::kStored);
  EXPECT_EQ(kept.path.parent_path(), ".caches/forward");
  EXPECT_FALSE(holds_operator(kept.path, "ConvTranspose"));
  EXPECT_EQ(with_forward_convolutions({"net", "net.onnx"}, Weights::kStored).path, kept.path);
  // A model of the same contents that was rewritten before is another file.
  std::filesystem::copy_file("net.onnx", "half.onnx");
  EXPECT_NE(with_forward_convolutions({"net", "half.onnx", kept.contents}, Weights::kStored).path, kept.path);
  EXPECT_EQ(with_forward_convolutions({"net", kept.path}, Weights::kStored).path, kept.path);  // nothing to do
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace facegraph::runtime
