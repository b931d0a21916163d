#include "runtime/session/session.hpp"

#include <algorithm>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using core::ErrorCode;
using test::expect_names;
using test::message_of;
using test::OnnxModel;
using test::OnnxType;

// left - right, and max(left, 0).
OnnxModel two_outputs() {
  return {{{"left", {2}}, {"right", {2}}},
          {{"difference", {2}}, {"positive", {2}}},
          {{"Sub", {"left", "right"}, {"difference"}}, {"Relu", {"left"}, {"positive"}}}};
}

OnnxModel any_size() {
  return {{{"input", {1, 3, "height", "width"}}},
          {{"output", {1, 3, "height", "width"}}},
          {{"Relu", {"input"}, {"output"}}}};
}

class SessionTest : public testing::Test {
 protected:
  Session open(const OnnxModel& model, const std::vector<InputSpec>& inputs) {
    model.write(scratch_ / "net.onnx");
    return pool_.open("test", {"net", scratch_ / "net.onnx"}, inputs);
  }
  std::string open_error(const OnnxModel& model, const std::vector<InputSpec>& inputs) {
    model.write(scratch_ / "net.onnx");
    InferencePool pool{ExecutionOptions{}};  // a model of that name may be in the other one
    return message_of(ErrorCode::kFailed, [&] { pool.open("test", {"net", scratch_ / "net.onnx"}, inputs); });
  }

  test::Scratch scratch_;
  InferencePool pool_{ExecutionOptions{}};
};

void fill(const Tensor& tensor, const std::vector<float>& values) {
  const auto out = tensor.as<float>();
  ASSERT_EQ(out.size(), values.size());
  std::copy(values.begin(), values.end(), out.begin());
}

std::vector<float> values_of(const Tensor& tensor) {
  const auto values = tensor.as<const float>();
  return {values.begin(), values.end()};
}

TEST(Shape, IsDescribed) {
  EXPECT_EQ(describe({1, 3, -1, 640}), "1x3x?x640");
  EXPECT_EQ(describe({}), "scalar");
  EXPECT_EQ(element_count({2, 3, 4}), 24U);
  EXPECT_EQ(element_count({}), 1U);
}

TEST(Shape, ElementsHaveNameAndSize) {
  EXPECT_EQ(bytes_of(ElementType::kF64), 8U);
  EXPECT_EQ(bytes_of(ElementType::kI64), 8U);
  EXPECT_EQ(bytes_of(ElementType::kF32), 4U);
  EXPECT_EQ(bytes_of(ElementType::kI32), 4U);
  EXPECT_EQ(bytes_of(ElementType::kF16), 2U);
  EXPECT_EQ(bytes_of(ElementType::kU8), 1U);
  EXPECT_EQ(bytes_of(ElementType::kBool), 1U);
  EXPECT_STREQ(name_of(ElementType::kF16), "float16");
  EXPECT_STREQ(name_of(ElementType::kI64), "int64");
}

TEST_F(SessionTest, TakesInputsByNameAndGivesOutputsByPosition) {
  Session session = open(two_outputs(), {{"right", {2}}, {"left", {2}}});  // not the file's order
  ASSERT_EQ(session.output_count(), 2U);
  EXPECT_EQ(session.output(0).name, "difference");
  EXPECT_EQ(session.output(1).name, "positive");
  fill(session.input("left"), {5, -1});
  fill(session.input("right"), {2, 3});
  session.run();
  EXPECT_EQ(values_of(session.output(0)), (std::vector<float>{3, -4}));
  EXPECT_EQ(values_of(session.output(1)), (std::vector<float>{5, 0}));
}

TEST_F(SessionTest, RunsAgainOnTheSameBuffers) {
  Session session = open(two_outputs(), {{"left", {2}}, {"right", {2}}});
  const void* input = session.input("left").data;
  const void* output = session.output(0).data;
  for (const float value : {1.0F, 7.0F}) {
    fill(session.input("left"), {value, 0});
    session.run();
    EXPECT_EQ(values_of(session.output(0)).front(), value);
  }
  Session moved = std::move(session);
  EXPECT_EQ(moved.input("left").data, input);
  EXPECT_EQ(moved.output(0).data, output);
}

TEST_F(SessionTest, MeasuresTheOutputsThatTheFileLeavesOpen) {
  Session session = open(any_size(), {{"input", {1, 3, 4, 5}}});
  EXPECT_EQ(session.output(0).shape, (Shape{1, 3, 4, 5}));
  std::vector<float> input(60);
  std::iota(input.begin(), input.end(), -10.0F);
  fill(session.input("input"), input);
  session.run();
  const std::vector<float> output = values_of(session.output(0));
  EXPECT_EQ(output[0], 0);
  EXPECT_EQ(output[59], 49);
}

TEST_F(SessionTest, MeasuringCountsAsNoRun) {
  open(any_size(), {{"input", {1, 3, 4, 5}}});
  ASSERT_EQ(pool_.use().size(), 1U);
  EXPECT_EQ(pool_.use().front().runs, 0);
}

TEST_F(SessionTest, OneModelServesSeveralShapes) {
  Session small = open(any_size(), {{"input", {1, 3, 2, 2}}});
  Session large = open(any_size(), {{"input", {1, 3, 8, 6}}});
  EXPECT_EQ(small.output(0).shape, (Shape{1, 3, 2, 2}));
  EXPECT_EQ(large.output(0).shape, (Shape{1, 3, 8, 6}));
  EXPECT_EQ(pool_.use().size(), 1U);
}

TEST_F(SessionTest, OutputsKeepTheirTypes) {
  const test::OnnxInitializer id{
      .name = "id", .dims = {1}, .type = OnnxType::kInt64, .raw = test::raw_bytes<std::int64_t>({7})};
  const test::OnnxInitializer half{
      .name = "half", .dims = {2}, .type = OnnxType::kFloat16, .raw = test::raw_bytes<std::uint16_t>({0x3C00, 0xC000})};
  Session session = open(test::constant_model({"input", {1}}, {id, half}), {{"input", {1}}});
  session.run();
  EXPECT_EQ(session.output(0).type, ElementType::kI64);
  EXPECT_EQ(session.output(0).as<std::int64_t>()[0], 7);
  EXPECT_EQ(session.output(1).type, ElementType::kF16);
  EXPECT_EQ(session.output(1).as<std::uint16_t>()[1], 0xC000);
  expect_names(message_of(ErrorCode::kFailed, [&] { session.output(0).as<float>(); }), {"id", "int64", "4 bytes"});
}

TEST_F(SessionTest, SaysWhichInputIsMissing) {
  const std::string text = open_error(two_outputs(), {{"target", {2}}, {"right", {2}}});
  expect_names(text, {"net", "`target`", "2", "`left` 2 float32", "`right` 2 float32", "right family"});
}

TEST_F(SessionTest, SaysWhichShapeIsWrong) {
  expect_names(open_error(two_outputs(), {{"left", {2}}, {"right", {3}}}),
               {"net", "`right` is 2 float32", "expected 3 float32"});
  expect_names(open_error(any_size(), {{"input", {1, 1, 4, 5}}}),
               {"net", "`input` is 1x3x?x? float32", "expected 1x1x4x5 float32"});
  expect_names(open_error(any_size(), {{"input", {3, 4, 5}}}), {"`input` is 1x3x?x?", "expected 3x4x5"});
}

TEST_F(SessionTest, SaysWhichTypeIsWrong) {
  OnnxModel model = two_outputs();
  for (auto* values : {&model.inputs, &model.outputs}) {
    for (test::OnnxValue& value : *values) {
      value.type = OnnxType::kDouble;
    }
  }
  expect_names(open_error(model, {{"left", {2}}, {"right", {2}}}),
               {"net", "`left` is 2 float64", "expected 2 float32"});
}

TEST_F(SessionTest, SaysThatTheModelTakesMoreInputs) {
  expect_names(open_error(two_outputs(), {{"left", {2}}}),
               {"net", "takes 2 inputs", "`left` 2 float32", "`right` 2 float32", "expected 1"});
}

TEST_F(SessionTest, SaysWhichOutputIsNotAsExpected) {
  const Session session = open(any_size(), {{"input", {1, 3, 4, 5}}});
  session.expect_output(0, {1, 3, 4, 5});
  session.expect_output(0, {1, -1, 4, -1});
  expect_names(message_of(ErrorCode::kFailed,
                          [&] {
                            session.expect_output(0, {1, 3, 4, 6});
                          }),
               {"net", "`output` is 1x3x4x5", "expected 1x3x4x6"});
  expect_names(message_of(ErrorCode::kFailed, [&] { session.expect_output(0, {3, 4, 5}); }), {"expected 3x4x5"});
  expect_names(message_of(ErrorCode::kFailed, [&] { session.expect_output(1, {1}); }), {"net", "output 1", "has 1"});
  expect_names(message_of(ErrorCode::kFailed, [&] { session.input("target"); }), {"net", "`target`"});
}

TEST_F(SessionTest, SaysThatShapesDoNotFitEachOther) {
  const OnnxModel model{{{"left", {"n"}}, {"right", {"m"}}}, {{"sum", {"k"}}}, {{"Add", {"left", "right"}, {"sum"}}}};
  expect_names(open_error(model, {{"left", {2}}, {"right", {3}}}), {"net", "cannot be prepared"});
}

TEST_F(SessionTest, SaysThatInferenceFailed) {
  OnnxModel model{{{"index", {1}, OnnxType::kInt64}}, {{"value", {1}}}, {{"Gather", {"table", "index"}, {"value"}}}};
  model.initializers.push_back(test::constant("table", {3}, {10, 20, 30}));
  Session session = open(model, {{"index", {1}, ElementType::kI64}});
  session.input("index").as<std::int64_t>()[0] = 2;
  session.run();
  EXPECT_EQ(session.output(0).as<float>()[0], 30);
  session.input("index").as<std::int64_t>()[0] = 7;
  expect_names(message_of(ErrorCode::kFailed, [&] { session.run(); }), {"net", "inference failed"});
  EXPECT_EQ(pool_.use().front().runs, 1);
}

TEST_F(SessionTest, SaysThatTheFileIsMissing) {
  expect_names(message_of(ErrorCode::kFailed,
                          [&] {
                            pool_.open("test", {"gone", scratch_ / "gone.onnx"}, {});
                          }),
               {"gone", (scratch_ / "gone.onnx").string(), "cannot be loaded"});
}

TEST_F(SessionTest, SaysThatTheFileIsNoModel) {
  const auto path = scratch_.write("text.onnx", "this is not an ONNX file");
  expect_names(message_of(ErrorCode::kFailed,
                          [&] {
                            pool_.open("test", {"text", path}, {});
                          }),
               {"text", path.string(), "cannot be loaded"});
}

TEST_F(SessionTest, TwoThreadsUseTheSessionsOfOneModelAtOnce) {
  constexpr int kRuns = 200;
  std::vector<Session> sessions;
  for (int i = 0; i < 2; ++i) {
    sessions.push_back(open(two_outputs(), {{"left", {2}}, {"right", {2}}}));
  }
  std::vector<int> wrong(sessions.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto left = sessions[i].input("left").as<float>();
      for (int run = 0; run < kRuns; ++run) {
        left[0] = static_cast<float>(1000 * static_cast<int>(i) + run);
        sessions[i].run();
        wrong[i] += sessions[i].output(0).as<float>()[0] == left[0] ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, std::vector<int>(2));
  ASSERT_EQ(pool_.use().size(), 1U);
  EXPECT_EQ(pool_.use().front().runs, 2 * kRuns);
}

}  // namespace
}  // namespace facegraph::runtime
