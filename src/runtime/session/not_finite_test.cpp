#include "runtime/session/not_finite.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "runtime/pool/inference_pool.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

template <typename Value>
bool finite(std::vector<Value> values, ElementType type) {
  const Tensor tensor{"out", type, {static_cast<std::int64_t>(values.size())}, values.data()};
  try {
    check_finite("model", {&tensor, 1});
    return true;
  } catch (const NotFinite& error) {
    test::expect_names(error.what(), {"model", "`out`"});
    return false;
  }
}

template <typename Value>
void expect_every_place_seen(ElementType type) {
  using Limits = std::numeric_limits<Value>;
  std::vector<Value> values(37, Limits::max());
  values[3] = Limits::lowest();
  values[4] = Limits::denorm_min();
  values[5] = 0;
  EXPECT_TRUE(finite(values, type));
  for (const Value hostile : {Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::vector<Value> spoiled = values;
      spoiled[i] = hostile;
      EXPECT_FALSE(finite(spoiled, type)) << i;
    }
  }
}

TEST(CheckFinite, SeesEveryPlace) {
  expect_every_place_seen<float>(ElementType::kF32);
  expect_every_place_seen<double>(ElementType::kF64);
}

TEST(CheckFinite, SeesHalves) {
  const std::vector<std::uint16_t> numbers{0x0000, 0x3C00, 0x7BFF, 0xFBFF, 0x0001};
  EXPECT_TRUE(finite(numbers, ElementType::kF16));
  for (const std::uint16_t hostile : {0x7C00, 0xFC00, 0x7E00, 0x7C01}) {
    std::vector<std::uint16_t> spoiled = numbers;
    spoiled[2] = hostile;
    EXPECT_FALSE(finite(spoiled, ElementType::kF16)) << hostile;
  }
}

TEST(CheckFinite, IntegersAreNumbers) {
  EXPECT_TRUE(finite(std::vector<std::int32_t>{-1, 0x7F800000}, ElementType::kI32));
}

TEST(CheckFinite, IsAskedAfterEveryRun) {
  const test::Scratch scratch;
  test::constant_model({"input", {1}},
                       {test::constant("good", {2}, {1, 2}), test::constant("bad", {2}, {1, std::nanf("")})})
      .write(scratch / "m.onnx");
  InferencePool pool{ExecutionOptions{}};
  Session session = pool.open("test", {"m", scratch / "m.onnx"}, std::vector<InputSpec>{{"input", {1}}});
  try {
    session.run();
    FAIL() << "no error";
  } catch (const NotFinite& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kFailed);
    test::expect_names(error.what(), {"m: ", "`bad`"});
  }
}

}  // namespace
}  // namespace facegraph::runtime
