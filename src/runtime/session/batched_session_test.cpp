#include "runtime/session/batched_session.hpp"

#include <gtest/gtest.h>

#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using test::OnnxDim;

// left - right, part by part.
test::OnnxModel parted(const OnnxDim& batch) {
  return {{{"left", {batch, 2}}, {"right", {batch, 2}}},
          {{"output", {batch, 2}}},
          {{"Sub", {"left", "right"}, {"output"}}}};
}

// Each part times the highest value of all.
test::OnnxModel mixing() {
  return {{{"input", {"batch", 2}}},
          {{"output", {"batch", 2}}},
          {{"ReduceMax", {"input"}, {"highest"}}, {"Mul", {"input", "highest"}, {"output"}}}};
}

// 1 / (input - input)
test::OnnxModel infinite() {
  return {{{"input", {"batch", 2}}},
          {{"output", {"batch", 2}}},
          {{"Sub", {"input", "input"}, {"zero"}}, {"Div", {"input", "zero"}, {"output"}}}};
}

// left - right, with one right for all parts.
test::OnnxModel shared() {
  test::OnnxModel model = parted("batch");
  model.inputs.back().shape = {1, 2};
  return model;
}

class Batched : public testing::Test {
 protected:
  BatchedSession open(const test::OnnxModel& model, std::int64_t most = 4, BatchedSession::Settle settle = {}) {
    model.write(scratch_ / "net.onnx");
    std::vector<InputSpec> inputs;
    for (const test::OnnxValue& input : model.inputs) {
      inputs.push_back({input.name, {1, 2}});
    }
    return {[this](const std::vector<InputSpec>& specs) {
              return pool_.open("test", {"net", scratch_ / "net.onnx"}, specs);
            },
            inputs, most, std::move(settle)};
  }

  test::Scratch scratch_;
  InferencePool pool_{ExecutionOptions{}};
};

TEST_F(Batched, TakesSeveralPartsWhereTheFileLeavesTheBatchOpen) {
  BatchedSession sessions = open(parted("batch"));
  for (const auto& [waiting, taken] : {std::pair<std::size_t, std::size_t>{9, 4}, {4, 4}, {3, 1}, {1, 1}}) {
    EXPECT_EQ(sessions.for_parts(waiting).batch(), taken) << waiting;
  }
  Session& several = sessions.for_parts(4);
  const device::Site host;
  for (std::size_t part = 0; part < 4; ++part) {
    several.input("left").item_on<float>(host, part)[1] = 10 + static_cast<float>(part);
    several.input("right").item_on<float>(host, part)[1] = 1;
  }
  several.run_on(host);
  for (std::size_t part = 0; part < 4; ++part) {
    EXPECT_EQ(several.output(0).item_on<const float>(host, part)[1], 9 + static_cast<float>(part));
  }
}

TEST_F(Batched, TakesOneWhereTheFileFixesIt) {
  EXPECT_EQ(open(parted(1)).for_parts(9).batch(), 1U);
}

TEST_F(Batched, TakesOneWhereThatIsAskedFor) {
  EXPECT_EQ(open(parted("batch"), 1).for_parts(9).batch(), 1U);
}

TEST_F(Batched, TakesOneWherePartsChangeEachOther) {
  EXPECT_EQ(open(mixing()).for_parts(9).batch(), 1U);
}

TEST_F(Batched, NoiseNeedGiveNoNumbers) {
  EXPECT_EQ(open(infinite()).for_parts(9).batch(), 4U);
}

TEST_F(Batched, AnInputThatTheFileFixesCountsForAllParts) {
  BatchedSession sessions = open(shared());
  Session& several = sessions.for_parts(4);
  ASSERT_EQ(several.batch(), 4U);
  ASSERT_EQ(several.input("right").shape, (Shape{1, 2}));
  const device::Site host;
  several.input("right").on<float>(host)[1] = 1;
  for (std::size_t part = 0; part < 4; ++part) {
    several.input("left").item_on<float>(host, part)[1] = 10 + static_cast<float>(part);
  }
  several.run_on(host);
  for (std::size_t part = 0; part < 4; ++part) {
    EXPECT_EQ(several.output(0).item_on<const float>(host, part)[1], 9 + static_cast<float>(part));
  }
}

// Before and after the trial, which writes noise.
TEST_F(Batched, WhatEveryRunHoldsIsSettledInBothSessions) {
  const device::Site host;
  BatchedSession sessions = open(shared(), 4, [&](Session& session) { session.input("right").on<float>(host)[1] = 5; });
  EXPECT_EQ(sessions.for_parts(1).input("right").on<float>(host)[1], 5);
  EXPECT_EQ(sessions.for_parts(4).input("right").on<float>(host)[1], 5);
  EXPECT_EQ(sessions.for_parts(1).input("right").on<float>(host)[1], 5);
}

TEST_F(Batched, ASessionOfSeveralIsOpenedWhenItIsTakenForTheFirstTime) {
  const auto runs = [this] { return pool_.use().front().runs; };
  BatchedSession sessions = open(parted("batch"));
  sessions.for_parts(3);
  EXPECT_EQ(runs(), 0);
  sessions.for_parts(4);
  EXPECT_EQ(runs(), 1 + 4);  // its trial
  sessions.for_parts(4);
  EXPECT_EQ(runs(), 1 + 4);
}

}  // namespace
}  // namespace facegraph::runtime
