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

// input + step * place: places are counted by a sum of ones.
test::OnnxModel placed(float step) {
  return {{{"input", {"batch", 2}}},
          {{"output", {"batch", 2}}},
          {{"Shape", {"input"}, {"shape"}},
           {"ConstantOfShape", {"shape"}, {"zeros"}},
           {"Add", {"zeros", "step"}, {"steps"}},
           {"CumSum", {"steps", "axis"}, {"places"}},
           {"Add", {"input", "places"}, {"output"}}},
          {test::constant("step", {1}, {step}),
           {"axis", {}, test::OnnxType::kInt64, test::raw_bytes(std::vector<std::int64_t>{0})}}};
}

// Where values are not zero, which nobody knows for several parts.
test::OnnxModel counting() {
  return {
      {{"input", {1, 2}}}, {{"output", {2, "count"}, test::OnnxType::kInt64}}, {{"NonZero", {"input"}, {"output"}}}};
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

// Rewritten files are kept in the working folder.
class Batched : public testing::Test {
 protected:
  Batched() { std::filesystem::current_path(scratch_.folder()); }
  ~Batched() override { std::filesystem::current_path(before_); }
  BatchedSession open(const test::OnnxModel& model, std::int64_t most = 4, BatchedSession::Settle settle = {},
                      Same same = Same::kBits) {
    const std::string name = "net" + std::to_string(opened_++);  // the pool knows models by name
    const std::filesystem::path file = scratch_ / name;
    model.write(file);
    std::vector<InputSpec> inputs;
    for (const test::OnnxValue& input : model.inputs) {
      inputs.push_back({input.name, {1, 2}});
    }
    return {[this, name, file](const std::vector<InputSpec>& specs) {
              opened_batches_.push_back(specs.front().shape.front());
              return pool_.open("test", {name, file}, specs);
            },
            inputs, most, std::move(settle), same};
  }

  int opened_ = 0;
  std::vector<std::int64_t> opened_batches_;  // in the order of their opening
  const std::filesystem::path before_ = std::filesystem::current_path();
  test::Scratch scratch_;
  InferencePool pool_{ExecutionOptions{.batch_frames = 4}};
};

TEST_F(Batched, TakesSeveralPartsWhereTheFileLeavesTheBatchOpen) {
  BatchedSession sessions = open(parted("batch"));
  for (const auto& [waiting, taken] : {std::pair<std::size_t, std::size_t>{9, 4}, {4, 4}, {3, 2}, {2, 2}, {1, 1}}) {
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

TEST_F(Batched, AFileThatTakesOneIsRewritten) {
  EXPECT_EQ(open(parted(1)).for_parts(9).batch(), 1U);  // nobody asked for that
  BatchedSession sessions = open(parted(1), 4, {}, Same::kClose);
  Session& several = sessions.for_parts(9);
  ASSERT_EQ(several.batch(), 4U);
  EXPECT_EQ(several.batched_inputs(), (std::vector<std::string>{"left", "right"}));
  EXPECT_TRUE(std::filesystem::exists(".caches/batch"));
  const device::Site host;
  for (std::size_t part = 0; part < 4; ++part) {
    several.input("left").item_on<float>(host, part)[1] = 10 + static_cast<float>(part);
    several.input("right").item_on<float>(host, part)[1] = 1;
  }
  several.run_on(host);
  for (std::size_t part = 0; part < 4; ++part) {
    EXPECT_EQ(several.output(0).item_on<const float>(host, part)[1], 9 + static_cast<float>(part));
  }
  EXPECT_EQ(sessions.for_parts(1).batch(), 1U);
}

TEST_F(Batched, TakesOneWhereTheFileCannotBeRewritten) {
  BatchedSession sessions = open(counting(), 4, {}, Same::kClose);
  EXPECT_EQ(sessions.for_parts(9).batch(), 1U);
  EXPECT_EQ(sessions.most(), 1U);
}

TEST_F(Batched, TakesOneWhereThatIsAskedFor) {
  EXPECT_EQ(open(parted("batch"), 1).for_parts(9).batch(), 1U);
}

TEST_F(Batched, SizesAreThoseBelowTheMost) {
  for (const auto& [most, taken] : {std::pair<std::int64_t, std::size_t>{9, 8}, {8, 8}, {7, 4}, {3, 2}, {1, 1}}) {
    BatchedSession sessions = open(parted("batch"), most);
    EXPECT_EQ(sessions.most(), taken) << most;
    EXPECT_EQ(sessions.for_parts(20).batch(), taken) << most;
  }
}

// Parts that are over go one by one.
TEST_F(Batched, WhereSeveralAreAskedForThereIsOneSize) {
  for (const auto& [most, size] : {std::pair<std::int64_t, std::size_t>{9, 8}, {8, 8}, {7, 4}, {3, 2}}) {
    BatchedSession sessions = open(parted(1), most, {}, Same::kClose);
    EXPECT_EQ(sessions.most(), size) << most;
    EXPECT_EQ(sessions.for_parts(20).batch(), size) << most;
    EXPECT_EQ(sessions.for_parts(size).batch(), size) << most;
    EXPECT_EQ(sessions.for_parts(size - 1).batch(), 1U) << most;
  }
}

TEST_F(Batched, WhereSeveralAreAskedForNothingIsOpenedLater) {
  BatchedSession sessions = open(parted("batch"), 4, {}, Same::kClose);
  const auto at_once = opened_batches_;
  EXPECT_EQ(at_once, (std::vector<std::int64_t>{1, 4}));
  const std::int64_t runs = pool_.use().front().runs;
  EXPECT_EQ(runs, 2 + 4);  // the trial
  for (const std::size_t waiting : {1, 2, 3, 4, 9}) {
    sessions.for_parts(waiting);
  }
  EXPECT_EQ(opened_batches_, at_once);
  EXPECT_EQ(pool_.use().front().runs, runs);
}

TEST_F(Batched, TakesOneWherePartsChangeEachOther) {
  EXPECT_EQ(open(mixing()).for_parts(9).batch(), 1U);
  EXPECT_EQ(open(mixing(), 4, {}, Same::kClose).for_parts(9).batch(), 1U);
}

// The numbers that are added make a range of 1000, beside which what parts change is small.
TEST_F(Batched, ARangeDoesNotHideThatPartsChangeEachOther) {
  test::OnnxModel model = mixing();
  model.nodes.back().outputs = {"product"};
  model.nodes.push_back({"Add", {"product", "base"}, {"output"}});
  model.initializers = {test::constant("base", {1, 2}, {0, 1000})};
  EXPECT_EQ(open(model, 4, {}, Same::kClose).for_parts(9).batch(), 1U);
}

// What a part gets hangs on its place: by some last bits, or by a tenth.
TEST_F(Batched, LastBitsMayDifferWhereThatIsAskedFor) {
  EXPECT_EQ(open(placed(1e-6F)).for_parts(9).batch(), 1U);
  EXPECT_EQ(open(placed(1e-6F), 4, {}, Same::kClose).for_parts(9).batch(), 4U);
  EXPECT_EQ(open(placed(0.1F), 4, {}, Same::kClose).for_parts(9).batch(), 1U);
}

TEST_F(Batched, NoiseNeedGiveNoNumbers) {
  EXPECT_EQ(open(infinite()).for_parts(9).batch(), 4U);
  EXPECT_EQ(open(infinite(), 4, {}, Same::kClose).for_parts(9).batch(), 4U);
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
  for (const Same same : {Same::kBits, Same::kClose}) {
    const auto settle = [&](Session& session) { session.input("right").on<float>(host)[1] = 5; };
    BatchedSession sessions = open(shared(), 4, settle, same);
    EXPECT_EQ(sessions.for_parts(1).input("right").on<float>(host)[1], 5);
    EXPECT_EQ(sessions.for_parts(4).input("right").on<float>(host)[1], 5);
    EXPECT_EQ(sessions.for_parts(1).input("right").on<float>(host)[1], 5);
  }
}

TEST_F(Batched, ASessionOfSeveralIsOpenedWhenItIsTakenForTheFirstTime) {
  const auto runs = [this] { return pool_.use().front().runs; };
  BatchedSession sessions = open(parted("batch"));
  sessions.for_parts(1);
  EXPECT_EQ(runs(), 0);
  sessions.for_parts(4);
  EXPECT_EQ(runs(), 2 + 4);  // its trial
  sessions.for_parts(5);
  EXPECT_EQ(runs(), 2 + 4);
  sessions.for_parts(3);
  EXPECT_EQ(runs(), 2 + 4 + 2 + 2);
}

}  // namespace
}  // namespace facegraph::runtime
