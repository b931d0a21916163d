#include "runtime/batch/open_batch.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "core/base/error.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/noise.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using core::ErrorCode;
using test::message_of;
using test::OnnxInitializer;
using test::OnnxModel;
using test::OnnxType;

constexpr std::int64_t kItems = 3;  // no size of any tensor here

OnnxInitializer integers(const std::string& name, const std::vector<std::int64_t>& values) {
  return {name, {static_cast<std::int64_t>(values.size())}, OnnxType::kInt64, test::raw_bytes(values)};
}

OnnxInitializer single(const std::string& name, std::int64_t value) {
  return {name, {}, OnnxType::kInt64, test::raw_bytes(std::vector<std::int64_t>{value})};
}

// 0.1, 0.2, ...
OnnxInitializer weights(const std::string& name, const std::vector<std::int64_t>& dims) {
  std::vector<float> values(element_count(dims));
  std::iota(values.begin(), values.end(), 1.0F);
  std::for_each(values.begin(), values.end(), [](float& value) { value *= 0.1F; });
  return test::constant(name, dims, values);
}

// Of a node, by its place; one number, or several.
struct Attribute {
  int node;
  std::string name;
  std::vector<std::int64_t> values;
  bool is_list = false;
};

struct Subject {
  std::string name;
  OnnxModel model;
  std::vector<Attribute> attributes = {};
  std::int64_t rows = 1;  // of one item's first output along its first dimension
  double tolerance = 0;
};

OnnxModel model_of(std::vector<std::int64_t> input, std::vector<std::int64_t> output, std::vector<test::OnnxNode> nodes,
                   std::vector<OnnxInitializer> initializers = {}) {
  const std::vector<test::OnnxDim> in(input.begin(), input.end());
  const std::vector<test::OnnxDim> out(output.begin(), output.end());
  return {{{"input", in}}, {{"output", out}}, std::move(nodes), std::move(initializers)};
}

void write(const Subject& subject, const std::filesystem::path& file, std::int64_t opset = 13) {
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(subject.model.bytes()));
  model.mutable_opset_import(0)->set_version(opset);
  for (const Attribute& attribute : subject.attributes) {
    onnx::AttributeProto& added = *model.mutable_graph()->mutable_node(attribute.node)->add_attribute();
    added.set_name(attribute.name);
    added.set_type(attribute.is_list ? onnx::AttributeProto::INTS : onnx::AttributeProto::INT);
    for (const std::int64_t value : attribute.values) {
      attribute.is_list ? added.add_ints(value) : added.set_i(value);
    }
  }
  std::ofstream stream(file, std::ios::binary);
  ASSERT_TRUE(model.SerializeToOstream(&stream));
}

// StyleGAN's convolution: weights times a style along one kind of channels, divided by their norm along the other.
std::vector<test::OnnxNode> modulation(const std::string& convolution) {
  const bool forward = convolution == "Conv";
  return {{"ReduceMean", {"input"}, {"means"}},
          {"Reshape", {"means", forward ? "second" : "first"}, {"style"}},
          {"Mul", {"weights", "style"}, {"modulated"}},
          {"Mul", {"modulated", "modulated"}, {"squares"}},
          {"ReduceSum", {"squares", forward ? "over_second" : "over_first"}, {"sums"}},
          {"Sqrt", {"sums"}, {"norms"}},
          {"Div", {"modulated", "norms"}, {"normal"}},
          {"Reshape", {"normal", "shape"}, {"ready"}},
          {convolution, {"input", "ready", "bias"}, {"output"}}};
}

std::vector<OnnxInitializer> modulation_weights(std::int64_t first, std::int64_t second) {
  return {weights("weights", {1, first, second, 3, 3}),
          weights("bias", {3}),
          integers("first", {1, 2, 1, 1, 1}),
          integers("second", {1, 1, 2, 1, 1}),
          integers("over_first", {1, 3, 4}),
          integers("over_second", {2, 3, 4}),
          integers("shape", {first, second, 3, 3})};
}

std::vector<Attribute> modulation_attributes() {
  return {{0, "axes", {2, 3}, true}};
}

std::vector<Subject> subjects() {
  return {
      {"LeadingOnesOfShapes",
       model_of({1, 4, 2}, {1, 2, 4},
                {{"Reshape", {"input", "flat"}, {"rows"}},
                 {"MatMul", {"rows", "weights"}, {"product"}},
                 {"Reshape", {"product", "shape"}, {"output"}}},
                {integers("flat", {1, -1}), weights("weights", {8, 8}), integers("shape", {1, 2, 4})})},
      {"ARowOfEachItemAfterSqueeze",
       model_of({1, 4, 2}, {4, 5}, {{"Squeeze", {"input"}, {"rows"}}, {"MatMul", {"rows", "weights"}, {"output"}}},
                {weights("weights", {2, 5})}),
       {},
       4},
      {"ItemsBetweenRowsOfADetector",
       model_of({1, 2, 4, 5}, {40, 1},
                {{"Transpose", {"input"}, {"turned"}},
                 {"Reshape", {"turned", "flat"}, {"rows"}},
                 {"Sigmoid", {"rows"}, {"output"}}},
                {integers("flat", {-1, 1})}),
       {{0, "perm", {2, 3, 0, 1}, true}},
       40},
      {"RowsOfTwoDetectorsOneAfterTheOther",
       model_of({1, 4, 2}, {8, 2},
                {{"Reshape", {"input", "flat"}, {"rows"}},
                 {"Neg", {"rows"}, {"others"}},
                 {"Concat", {"rows", "others"}, {"output"}}},
                {integers("flat", {4, 2})}),
       {{2, "axis", {0}}},
       8},
      {"AConstantSpreadBesideTheItem",
       model_of({1, 2, 4}, {1, 5, 4},
                {{"Expand", {"token", "shape"}, {"tokens"}},
                 {"Add", {"input", "places"}, {"placed"}},
                 {"Concat", {"tokens", "placed"}, {"output"}}},
                {weights("token", {1, 1, 4}), weights("places", {1, 2, 4}), integers("shape", {1, 3, 4})}),
       {{2, "axis", {1}}}},
      {"AnItemSpread",
       model_of({1, 1, 4}, {1, 5, 4}, {{"Expand", {"input", "shape"}, {"output"}}}, {integers("shape", {1, 5, 4})})},
      {"AnItemSpreadOverTheFirstAxis",
       model_of({1, 4}, {5, 4}, {{"Expand", {"input", "shape"}, {"output"}}}, {integers("shape", {5, 4})}),
       {},
       5},
      {"RepeatedRows",
       model_of({1, 2, 4}, {4, 4},
                {{"Reshape", {"input", "flat"}, {"rows"}}, {"Tile", {"rows", "repeats"}, {"output"}}},
                {integers("flat", {2, 4}), integers("repeats", {2, 1})}),
       {},
       4},
      {"ResizedToGivenSizes", model_of({1, 2, 4, 5}, {1, 2, 7, 9}, {{"Resize", {"input", "", "", "sizes"}, {"output"}}},
                                       {integers("sizes", {1, 2, 7, 9})})},
      {"GroupsNormalised", model_of({1, 4, 2, 5}, {1, 4, 2, 5},
                                    {{"Reshape", {"input", "groups"}, {"grouped"}},
                                     {"InstanceNormalization", {"grouped", "scale", "shift"}, {"normal"}},
                                     {"Shape", {"input"}, {"shape"}},
                                     {"Reshape", {"normal", "shape"}, {"output"}}},
                                    {integers("groups", {0, 2, -1}), weights("scale", {2}), weights("shift", {2})})},
      {"InstancesNormalisedAsOneBatch", model_of({1, 4, 2, 5}, {1, 4, 2, 5},
                                                 {{"Reshape", {"input", "joined"}, {"channels"}},
                                                  {"InstanceNormalization", {"channels", "scale", "shift"}, {"normal"}},
                                                  {"Reshape", {"normal", "apart"}, {"output"}}},
                                                 {integers("joined", {1, 4, 10}), weights("scale", {4}),
                                                  weights("shift", {4}), integers("apart", {1, 4, 2, 5})})},
      {"ShapesComputedFromTheInput",
       model_of({1, 4, 2}, {1, 8},
                {{"Shape", {"input"}, {"shape"}},
                 {"Gather", {"shape", "zero"}, {"first"}},
                 {"Concat", {"first", "rest"}, {"flat"}},
                 {"Reshape", {"input", "flat"}, {"rows"}},
                 {"ConstantOfShape", {"flat"}, {"zeros"}},
                 {"Add", {"rows", "zeros"}, {"output"}}},
                {integers("zero", {0}), integers("rest", {8})}),
       {{2, "axis", {0}}}},
      {"TheHighestOfAllValues",
       model_of({1, 4, 2}, {1, 4, 2},
                {{"ReduceMax", {"input"}, {"highest"}}, {"Div", {"input", "highest"}, {"output"}}})},
      {"OneNumberOfAllValues",
       model_of({1, 4, 2}, {}, {{"ReduceMean", {"input"}, {"mean"}}, {"Exp", {"mean"}, {"output"}}}),
       {{0, "keepdims", {0}}}},
      {"TheItemPickedFromTheFirstAxis",
       model_of({1, 4, 2}, {4, 2}, {{"Gather", {"input", "zero"}, {"item"}}, {"Exp", {"item"}, {"output"}}},
                {single("zero", 0)}),
       {},
       4},
      {"SomeRowsOfAnItem",
       model_of({1, 4, 2}, {2, 2},
                {{"Squeeze", {"input", "axis"}, {"rows"}}, {"Slice", {"rows", "from", "to", "axis"}, {"output"}}},
                {integers("axis", {0}), integers("from", {1}), integers("to", {3})}),
       {},
       2},
      {"SlicedAlongAllAxes", model_of({1, 4, 2}, {1, 2, 2}, {{"Slice", {"input", "from", "to"}, {"output"}}},
                                      {integers("from", {0, 1, 0}), integers("to", {1, 3, 2})})},
      {"AttentionWithinAnItem",
       model_of({1, 4, 6}, {1, 4, 6},
                {{"Reshape", {"input", "heads"}, {"apart"}},
                 {"Transpose", {"apart"}, {"queries"}},
                 {"Transpose", {"queries"}, {"keys"}},
                 {"MatMul", {"queries", "keys"}, {"scores"}},
                 {"Softmax", {"scores"}, {"shares"}},
                 {"MatMul", {"shares", "queries"}, {"seen"}},
                 {"Transpose", {"seen"}, {"together"}},
                 {"Reshape", {"together", "shape"}, {"output"}}},
                {integers("heads", {1, 4, 2, 3}), integers("shape", {1, 4, 6})}),
       {{1, "perm", {0, 2, 1, 3}, true}, {2, "perm", {0, 1, 3, 2}, true}, {6, "perm", {0, 2, 1, 3}, true}}},
      {"HeadsAsRows",  // items and heads are one axis
       model_of({1, 4, 6}, {2, 4, 3},
                {{"Reshape", {"input", "heads"}, {"apart"}},
                 {"Transpose", {"apart"}, {"ordered"}},
                 {"Reshape", {"ordered", "rows"}, {"queries"}},
                 {"Add", {"queries", "bias"}, {"output"}}},
                {integers("heads", {1, 4, 2, 3}), integers("rows", {2, 4, 3}), weights("bias", {2, 4, 3})}),
       {{1, "perm", {0, 2, 1, 3}, true}},
       2},
      {"RowsBesideColumns",  // items along different axes
       model_of({1, 4}, {4, 4}, {{"Transpose", {"input"}, {"column"}}, {"Add", {"input", "column"}, {"output"}}}),
       {},
       4},
      {"AWeightedMeanOverRows",
       model_of({1, 4, 2}, {4, 2},
                {{"Reshape", {"input", "flat"}, {"rows"}},
                 {"Softmax", {"rows"}, {"shares"}},
                 {"CumSum", {"shares", "axis"}, {"sums"}},
                 {"MatMul", {"mixing", "sums"}, {"output"}}},
                {integers("flat", {4, 2}), single("axis", 0), weights("mixing", {4, 4})}),
       {{1, "axis", {0}}},
       4},
      {"TheHighestPlaceOfEachItem",
       model_of({1, 8}, {1}, {{"ArgMax", {"input"}, {"place"}}, {"Cast", {"place"}, {"output"}}}),
       {{0, "axis", {1}}, {0, "keepdims", {0}}, {1, "to", {1}}}},
      {"HalvesOfAnItem",
       model_of({1, 4, 2}, {2, 2},
                {{"Reshape", {"input", "flat"}, {"rows"}},
                 {"Split", {"rows"}, {"left", "right"}},
                 {"Mul", {"left", "right"}, {"output"}}},
                {integers("flat", {4, 2})}),
       {{1, "axis", {0}}},
       2},
      {"MarginsAndPools", model_of({1, 2, 4, 5}, {1, 2, 1, 1},
                                   {{"Pad", {"input", "margins"}, {"wide"}},
                                    {"Conv", {"wide", "weights", "bias"}, {"seen"}},
                                    {"GlobalAveragePool", {"seen"}, {"output"}}},
                                   {integers("margins", {0, 0, 1, 1, 0, 0, 1, 1}), weights("weights", {2, 2, 3, 3}),
                                    weights("bias", {2})})},
      {"WeightsTimesNumbersOfTheItem",
       model_of({1, 2, 4, 5}, {1, 3, 2, 3}, modulation("Conv"), modulation_weights(3, 2)), modulation_attributes(), 1,
       1e-5},
      {"TransposedWeightsTimesNumbersOfTheItem",
       model_of({1, 2, 4, 5}, {1, 3, 6, 7}, modulation("ConvTranspose"), modulation_weights(2, 3)),
       modulation_attributes(), 1, 1e-5},
      {"AConstantOutput", model_of({1, 4}, {1, 2}, {{"Identity", {"fixed"}, {"output"}}}, {weights("fixed", {1, 2})})},
      {"AnOutputOfColumns", model_of({1, 4}, {4, 1}, {{"Transpose", {"input"}, {"output"}}}), {}, 4},
      {"ALinearLayer", model_of({1, 4}, {1, 5}, {{"Gemm", {"input", "weights", "bias"}, {"output"}}},
                                {weights("weights", {4, 5}), weights("bias", {5})})},
  };
}

class OpenBatch : public testing::TestWithParam<Subject> {
 protected:
  test::Scratch scratch_;
};

std::vector<float> noise(std::size_t count, unsigned seed) {
  std::vector<float> values(count);
  Tensor tensor;
  tensor.shape = {static_cast<std::int64_t>(count)};
  tensor.data = values.data();
  fill_noise(tensor, -1, 2, seed);
  return values;
}

TEST_P(OpenBatch, GivesEachItemWhatItGetsAlone) {
  const Subject& subject = GetParam();
  write(subject, scratch_ / "one.onnx");
  Shape shape;
  for (const test::OnnxDim& dim : subject.model.inputs.front().shape) {
    shape.push_back(dim.size);
  }
  InferencePool pool{ExecutionOptions{}};
  Session one = pool.open("test", {"one", scratch_ / "one.onnx"}, std::vector<InputSpec>{{"input", shape}});
  shape.front() = kItems;
  const std::vector<InputSpec> inputs{{"input", shape}};
  ASSERT_TRUE(write_open_batch(scratch_ / "one.onnx", scratch_ / "open.onnx", inputs));
  Session several = pool.open("test", {"open", scratch_ / "open.onnx"}, inputs);
  EXPECT_EQ(several.batched_inputs(), std::vector<std::string>{"input"});
  EXPECT_EQ(several.output(0).shape.front(), kItems * subject.rows);

  const std::size_t count = one.input("input").size();
  const std::size_t results = one.output(0).size();
  std::vector<float> expected;
  for (unsigned item = 0; item < kItems; ++item) {
    const std::vector<float> values = noise(count, item);
    std::copy(values.begin(), values.end(), one.input("input").as<float>().begin());
    std::copy(values.begin(), values.end(), several.input("input").as<float>().subspan(item * count).begin());
    one.run();
    const auto found = one.output(0).as<const float>();
    expected.insert(expected.end(), found.begin(), found.end());
  }
  several.run();
  const auto found = several.output(0).as<const float>();
  ASSERT_EQ(found.size(), kItems * results);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], subject.tolerance * std::abs(expected[i])) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Patterns, OpenBatch, testing::ValuesIn(subjects()),
                         [](const auto& test) { return test.param.name; });

class OpenBatchOf : public testing::Test {
 protected:
  std::string reason(const Subject& subject, const std::vector<InputSpec>& inputs = {{"input", {kItems, 2, 4, 4}}},
                     std::int64_t opset = 13) {
    write(subject, scratch_ / "one.onnx", opset);
    return message_of(ErrorCode::kFailed,
                      [&] { write_open_batch(scratch_ / "one.onnx", scratch_ / "open.onnx", inputs); });
  }

  test::Scratch scratch_;
};

TEST_F(OpenBatchOf, ConvolutionsWhoseWeightsAreComputedAreRefused) {
  const Subject modulated{"", model_of({1, 2, 4, 4}, {1, 2, 2, 2},
                                       {{"GlobalAveragePool", {"input"}, {"style"}},
                                        {"Add", {"weights", "style"}, {"modulated"}},
                                        {"Conv", {"input", "modulated"}, {"output"}}},
                                       {weights("weights", {2, 2, 3, 3})})};
  test::expect_names(reason(modulated), {"Conv", "weights that depend on the input"});
}

TEST_F(OpenBatchOf, WhatNobodyKnowsIsRefused) {
  const Subject places{
      "",
      {{{"input", {1, 2, 4, 4}}}, {{"output", {4, "count"}, OnnxType::kInt64}}, {{"NonZero", {"input"}, {"output"}}}}};
  test::expect_names(reason(places), {"NonZero"});
}

TEST_F(OpenBatchOf, ControlFlowIsRefused) {
  write({"", model_of({1, 2, 4, 4}, {1, 2, 4, 4}, {{"If", {"input"}, {"output"}}})}, scratch_ / "flow.onnx");
  onnx::ModelProto model;
  std::ifstream file(scratch_ / "flow.onnx", std::ios::binary);
  ASSERT_TRUE(model.ParseFromIstream(&file));
  onnx::AttributeProto& branch = *model.mutable_graph()->mutable_node(0)->add_attribute();
  branch.set_name("then_branch");
  branch.set_type(onnx::AttributeProto::GRAPH);
  branch.mutable_g()->set_name("then");
  std::ofstream changed(scratch_ / "one.onnx", std::ios::binary);
  ASSERT_TRUE(model.SerializeToOstream(&changed));
  changed.close();
  test::expect_names(message_of(ErrorCode::kFailed,
                                [&] {
                                  write_open_batch(scratch_ / "one.onnx", scratch_ / "open.onnx",
                                                   std::vector<InputSpec>{{"input", {kItems, 2, 4, 4}}});
                                }),
                     {"control flow", "If"});
}

TEST_F(OpenBatchOf, OldOperatorsAreRefused) {
  test::expect_names(reason({"", model_of({1, 2, 4, 4}, {1, 2, 4, 4}, {{"Relu", {"input"}, {"output"}}})},
                            {{"input", {kItems, 2, 4, 4}}}, 9),
                     {"version 9", "10 or newer"});
}

TEST_F(OpenBatchOf, WhatIsNoModelIsRefused) {
  std::ofstream(scratch_ / "one.onnx") << "no model";
  test::expect_names(message_of(ErrorCode::kFailed,
                                [&] {
                                  write_open_batch(scratch_ / "one.onnx", scratch_ / "open.onnx",
                                                   std::vector<InputSpec>{{"input", {kItems, 2}}});
                                }),
                     {"no ONNX model"});
}

TEST_F(OpenBatchOf, AnOpenFileNeedsNothing) {
  const OnnxModel open{{{"input", {"batch", 2}}, {"weight", {1}}},
                       {{"output", {"batch", 2}}},
                       {{"Mul", {"input", "weight"}, {"output"}}}};
  open.write(scratch_ / "one.onnx");
  EXPECT_FALSE(write_open_batch(scratch_ / "one.onnx", scratch_ / "open.onnx",
                                std::vector<InputSpec>{{"input", {kItems, 2}}, {"weight", {1}}}));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "open.onnx"));
}

TEST_F(OpenBatchOf, ANumberBesideThePictureCountsForAllItems) {
  const OnnxModel model{{{"input", {1, 2}}, {"source", {1, 3}}, {"weight", {1}}},
                        {{"output", {1, 5}}, {"scaled", {1, 2}}},
                        {{"Mul", {"input", "weight"}, {"scaled"}}, {"Concat", {"scaled", "source"}, {"output"}}}};
  write({"", model, {{1, "axis", {-1}}}}, scratch_ / "one.onnx");
  const std::vector<InputSpec> inputs{{"input", {kItems, 2}}, {"source", {kItems, 3}}, {"weight", {1}}};
  ASSERT_TRUE(write_open_batch(scratch_ / "one.onnx", scratch_ / "open.onnx", inputs));
  InferencePool pool{ExecutionOptions{}};
  Session several = pool.open("test", {"open", scratch_ / "open.onnx"}, inputs);
  EXPECT_EQ(several.batched_inputs(), (std::vector<std::string>{"input", "source"}));
  several.input("weight").as<float>()[0] = 2;
  const auto input = several.input("input").as<float>();
  const auto source = several.input("source").as<float>();
  std::iota(input.begin(), input.end(), 1.0F);
  std::iota(source.begin(), source.end(), 10.0F);
  several.run();
  const auto found = several.output(0).as<const float>();
  EXPECT_EQ(std::vector<float>(found.begin(), found.end()),
            (std::vector<float>{2, 4, 10, 11, 12, 6, 8, 13, 14, 15, 10, 12, 16, 17, 18}));
}

}  // namespace
}  // namespace facegraph::runtime
