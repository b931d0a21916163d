#include "runtime/precision/half_precision.hpp"

#include <cmath>
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using core::ErrorCode;
using test::message_of;
using test::OnnxInitializer;
using test::OnnxModel;
using test::OnnxType;
using test::raw_bytes;

OnnxInitializer constant(const std::string& name, const std::vector<float>& values) {
  return {name, {static_cast<std::int64_t>(values.size())}, OnnxType::kFloat, raw_bytes(values)};
}

class HalfPrecisionTest : public testing::Test {
 protected:
  onnx::GraphProto rewritten(const OnnxModel& model) {
    model.write(scratch_ / "full.onnx");
    write_half_precision(scratch_ / "full.onnx", scratch_ / "half.onnx");
    onnx::ModelProto read;
    std::ifstream file(scratch_ / "half.onnx", std::ios::binary);
    EXPECT_TRUE(read.ParseFromIstream(&file));
    return read.graph();
  }

  // The first output of a model for one input named "input".
  std::vector<float> run(const char* file, const std::vector<float>& input) {
    InferencePool pool{ExecutionOptions{}};
    Session session = pool.open("test", {file, scratch_ / file},
                                std::vector<InputSpec>{{"input", {static_cast<std::int64_t>(input.size())}}});
    const auto in = session.input("input").as<float>();
    std::copy(input.begin(), input.end(), in.begin());
    session.run();
    const auto out = session.output(0).as<const float>();
    return {out.begin(), out.end()};
  }

  test::Scratch scratch_;
};

std::vector<std::string> operators(const onnx::GraphProto& graph) {
  std::vector<std::string> names;
  for (const onnx::NodeProto& node : graph.node()) {
    names.push_back(node.op_type());
  }
  return names;
}

TEST_F(HalfPrecisionTest, WeightsAndArithmeticAreHalfInputsAndOutputsStay) {
  const OnnxModel model{{{"input", {3}}},
                        {{"output", {3}}},
                        {{"Mul", {"input", "scale"}, {"scaled"}}, {"Add", {"scaled", "shift"}, {"output"}}},
                        {constant("scale", {1.001F, 2, 3}), constant("shift", {0.5F, 0.25F, 0.125F})}};
  const onnx::GraphProto graph = rewritten(model);
  EXPECT_EQ(operators(graph), (std::vector<std::string>{"Cast", "Mul", "Add", "Cast"}));
  ASSERT_EQ(graph.initializer_size(), 2);
  EXPECT_EQ(graph.initializer(0).data_type(), onnx::TensorProto::FLOAT16);
  EXPECT_EQ(graph.input(0).type().tensor_type().elem_type(), onnx::TensorProto::FLOAT);

  // Half precision has 11 bits: 1.001 becomes 1 + 1/1024. (On the CPU ONNX Runtime computes in fp32 between halves.)
  EXPECT_EQ(run("half.onnx", {1024, 1, 1}), (std::vector<float>{1025.5F, 2.25F, 3.125F}));
  EXPECT_NEAR(run("full.onnx", {1024, 1, 1})[0], 1025.524F, 1e-3);
}

TEST_F(HalfPrecisionTest, ARootAndTheSumBeforeItStayInFullPrecision) {
  // sqrt(mean(x^2) + 1e-8): in halves the square of 300 is infinite, and 1e-8 is nothing.
  const OnnxModel model{{{"input", {2}}},
                        {{"output", {1}}},
                        {{"Pow", {"input", "two"}, {"squares"}},
                         {"ReduceMean", {"squares"}, {"mean"}},
                         {"Add", {"mean", "epsilon"}, {"sum"}},
                         {"Sqrt", {"sum"}, {"root"}},
                         {"Relu", {"root"}, {"output"}}},
                        {constant("two", {2}), constant("epsilon", {1e-8F})}};
  const onnx::GraphProto graph = rewritten(model);
  EXPECT_EQ(operators(graph), (std::vector<std::string>{"Pow", "ReduceMean", "Add", "Sqrt", "Cast", "Relu", "Cast"}));
  EXPECT_EQ(run("half.onnx", {300, 300}), (std::vector<float>{300}));
  EXPECT_NEAR(run("half.onnx", {0, 0})[0], 1e-4F, 1e-6);
}

TEST_F(HalfPrecisionTest, ATensorOfTwoReadersIsCastOnce) {
  const OnnxModel model{{{"input", {2}}},
                        {{"output", {2}}},
                        {{"Relu", {"input"}, {"positive"}},
                         {"Sqrt", {"positive"}, {"root"}},
                         {"Exp", {"positive"}, {"power"}},
                         {"Sub", {"root", "power"}, {"difference"}},
                         {"Mul", {"difference", "positive"}, {"output"}}}};
  const onnx::GraphProto graph = rewritten(model);
  EXPECT_EQ(operators(graph),
            (std::vector<std::string>{"Cast", "Relu", "Cast", "Sqrt", "Exp", "Cast", "Cast", "Sub", "Mul", "Cast"}));
  EXPECT_NEAR(run("half.onnx", {1, 4})[1], (2 - std::exp(4.0)) * 4, 0.3);
}

TEST_F(HalfPrecisionTest, ConstantsBeyondTheRangeKeepTheirNode) {
  const OnnxModel model{{{"input", {1}}},
                        {{"output", {1}}},
                        {{"Mul", {"input", "huge"}, {"product"}}, {"Relu", {"product"}, {"output"}}},
                        {constant("huge", {1e6F})}};
  rewritten(model);
  EXPECT_EQ(run("half.onnx", {0.0625F}), (std::vector<float>{62500}));
}

TEST_F(HalfPrecisionTest, LimitsBeyondTheRangeSaturate) {
  OnnxModel model{{{"input", {2}}},
                  {{"output", {2}}},
                  {{"Clip", {"input", "low", "high"}, {"output"}}},
                  {{"low", {}, OnnxType::kFloat, raw_bytes(std::vector<float>{0})},
                   {"high", {}, OnnxType::kFloat, raw_bytes(std::vector<float>{3e38F})}}};
  const onnx::GraphProto graph = rewritten(model);
  EXPECT_EQ(operators(graph), (std::vector<std::string>{"Cast", "Clip", "Cast"}));
  EXPECT_EQ(run("half.onnx", {-1, 1000}), (std::vector<float>{0, 1000}));
}

TEST_F(HalfPrecisionTest, OtherTypesAreLeftAlone) {
  const OnnxModel model{{{"input", {3}}},
                        {{"output", {2}}},
                        {{"Gather", {"input", "rows"}, {"output"}}},
                        {{"rows", {2}, OnnxType::kInt64, raw_bytes(std::vector<std::int64_t>{2, 0})}}};
  const onnx::GraphProto graph = rewritten(model);
  ASSERT_EQ(graph.initializer_size(), 1);
  EXPECT_EQ(graph.initializer(0).data_type(), onnx::TensorProto::INT64);
  EXPECT_EQ(run("half.onnx", {1, 2, 3}), (std::vector<float>{3, 1}));
}

TEST_F(HalfPrecisionTest, SaysWhyAModelCannotBeRewritten) {
  const OnnxModel model{{{"input", {1}, OnnxType::kBool}}, {{"output", {1}}}, {{"If", {"input"}, {"output"}}}};
  model.write(scratch_ / "full.onnx");
  test::expect_names(
      message_of(ErrorCode::kFailed, [&] { write_half_precision(scratch_ / "full.onnx", scratch_ / "half.onnx"); }),
      {"control flow", "If"});
  std::ofstream(scratch_ / "full.onnx") << "no model";
  test::expect_names(
      message_of(ErrorCode::kFailed, [&] { write_half_precision(scratch_ / "full.onnx", scratch_ / "half.onnx"); }),
      {"no ONNX model"});
}

}  // namespace
}  // namespace facegraph::runtime
