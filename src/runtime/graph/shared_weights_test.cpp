#include "runtime/graph/shared_weights.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "device/gpu/test_support.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

class SharedWeightsTest : public testing::Test {
 protected:
  SharedWeightsTest() {
    test::OnnxInitializer typed = test::constant("typed", {64, 64}, std::vector<float>(4096, 3));
    typed.typed_field = true;
    test::OnnxModel{
        {{"input", {64, 64}}},
        {{"output", {64, 64}}},
        {{"MatMul", {"input", "weight"}, {"a"}}, {"MatMul", {"a", "typed"}, {"b"}}, {"Add", {"b", "bias"}, {"output"}}},
        {test::constant("weight", {64, 64}, std::vector<float>(4096, 2)), typed,
         test::constant("bias", {64}, std::vector<float>(64, 1))}}
        .write(file_);
  }

  const test::Scratch scratch_;
  const std::filesystem::path file_ = scratch_ / "net.onnx";
  device::FakeGpu gpu_;
};

TEST_F(SharedWeightsTest, AreThoseOfSomeSize) {
  PlacedWeights placed;
  const SharedWeights weights(file_, gpu_, placed);
  ASSERT_EQ(weights.tensors().size(), 2U);
  EXPECT_EQ(weights.tensors()[0].name, "weight");
  EXPECT_EQ(weights.tensors()[0].shape, (Shape{64, 64}));
  EXPECT_EQ(static_cast<const float*>(weights.tensors()[0].device)[4095], 2);
  EXPECT_EQ(weights.tensors()[1].name, "typed");
  EXPECT_EQ(static_cast<const float*>(weights.tensors()[1].device)[0], 3);
  EXPECT_EQ(weights.bytes(), 2U * 4096 * sizeof(float));
}

TEST_F(SharedWeightsTest, AreGoneWithTheLastWhoHoldsThem) {
  const std::size_t free = gpu_.memory().free;
  WeightLibrary library;
  std::shared_ptr<const SharedWeights> first = library.of(file_, gpu_);
  const std::size_t left = gpu_.memory().free;
  EXPECT_LE(left, free - first->bytes());
  EXPECT_EQ(library.of(file_, gpu_), first);
  EXPECT_EQ(gpu_.memory().free, left);
  first.reset();
  EXPECT_EQ(gpu_.memory().free, free);
  EXPECT_NE(library.of(file_, gpu_), nullptr);
}

TEST_F(SharedWeightsTest, AreBroughtOnceForThreadsThatAskTogether) {
  WeightLibrary library;
  std::vector<std::shared_ptr<const SharedWeights>> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found) {
    threads.emplace_back([&] { mine = library.of(file_, gpu_); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const auto& mine : found) {
    EXPECT_EQ(mine, found.front());
  }
}

// Of its own the other file has the weight whose bytes are others; the names and shapes are the same.
TEST_F(SharedWeightsTest, OfTwoFilesAreOneWhereTheirBytesAre) {
  const std::filesystem::path rewritten = scratch_ / "rewritten.onnx";
  test::OnnxModel{{{"input", {64, 64}}},
                  {{"output", {64, 64}}},
                  {{"MatMul", {"input", "weight"}, {"a"}}, {"MatMul", {"a", "typed"}, {"output"}}},
                  {test::constant("weight", {64, 64}, std::vector<float>(4096, 2)),
                   test::constant("typed", {64, 64}, std::vector<float>(4096, 4))}}
      .write(rewritten);
  const std::size_t free = gpu_.memory().free;
  WeightLibrary library;
  std::shared_ptr<const SharedWeights> first = library.of(file_, gpu_);
  const std::size_t left = gpu_.memory().free;
  std::shared_ptr<const SharedWeights> second = library.of(rewritten, gpu_);
  EXPECT_EQ(second->tensors()[0].device, first->tensors()[0].device);
  EXPECT_NE(second->tensors()[1].device, first->tensors()[1].device);
  EXPECT_EQ(static_cast<const float*>(second->tensors()[1].device)[0], 4);
  EXPECT_LT(left - gpu_.memory().free, first->bytes());
  first.reset();
  EXPECT_EQ(static_cast<const float*>(second->tensors()[0].device)[4095], 2);
  second.reset();
  EXPECT_EQ(gpu_.memory().free, free);
  EXPECT_EQ(static_cast<const float*>(library.of(rewritten, gpu_)->tensors()[0].device)[0], 2);
}

// Who changes them changes what all units give: none has a copy.
TEST_F(SharedWeightsTest, AreTheOnesThatUnitsUse) {
  test::OnnxModel{{{"input", {64, 64}}},
                  {{"output", {64, 64}}},
                  {{"Add", {"input", "weight"}, {"output"}}},
                  {test::constant("weight", {64, 64}, std::vector<float>(4096, 2))}}
      .write(file_);
  const Lane lane(gpu_);
  HostUnitMaker maker(true);
  const ModelSource model{.name = "net", .path = file_};
  std::vector<float> in(4096, 1);
  std::vector<float> out(4096);
  const auto one = maker.make(model, lane, {});
  const auto other = maker.make(model, lane, {});
  for (Unit* unit : {one.get(), other.get()}) {
    unit->bind_input({.name = "input", .shape = {64, 64}, .device = in.data()});
    unit->bind_output({.name = "output", .shape = {64, 64}, .device = out.data()});
  }
  auto* weight = static_cast<float*>(maker.library().of(file_, gpu_)->tensors().front().device);
  for (const float value : {2.0F, 5.0F}) {
    std::fill(weight, weight + 4096, value);
    for (Unit* unit : {one.get(), other.get()}) {
      unit->enqueue(RunKind::kPlain);
      EXPECT_EQ(out[0], 1 + value);
      EXPECT_EQ(out[4095], 1 + value);
      std::fill(out.begin(), out.end(), 0.0F);
    }
  }
  EXPECT_EQ(one->shared_bytes(), 4096 * sizeof(float));
}

TEST_F(SharedWeightsTest, WhatIsNoModelIsSaidToBeNone) {
  std::filesystem::resize_file(file_, 40);
  PlacedWeights placed;
  EXPECT_THROW(SharedWeights(file_, gpu_, placed), core::Error);
  std::filesystem::remove(file_);
  EXPECT_THROW(SharedWeights(file_, gpu_, placed), core::Error);
}

}  // namespace
}  // namespace facegraph::runtime
