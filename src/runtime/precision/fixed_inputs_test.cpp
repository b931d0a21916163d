#include "runtime/precision/fixed_inputs.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "runtime/pool/inference_pool.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "runtime/session/cpu_session.hpp"
#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

namespace fs = std::filesystem;

constexpr Form kNhwc{.nhwc = true};

// The cache lies in the working folder.
class FixedInputsTest : public testing::Test {
 protected:
  FixedInputsTest() : before_(fs::current_path()) { fs::current_path(scratch_ / ""); }
  ~FixedInputsTest() override { fs::current_path(before_); }

  // Gives its input, and its shape times three, of which every number is computed from the input's.
  static ModelSource write_model(const std::vector<test::OnnxDim>& shape) {
    const std::string three = test::raw_bytes(std::vector<std::int64_t>{3});
    const std::int64_t rank = static_cast<std::int64_t>(shape.size());
    test::OnnxModel{{{"input", shape}},
                    {{"same", shape}, {"sizes", {rank}, test::OnnxType::kInt64}},
                    {{"Shape", {"input"}, {"shape"}},
                     {"Mul", {"shape", "three"}, {"sizes"}},
                     {"Reshape", {"input", "shape"}, {"same"}}},
                    {{"three", {1}, test::OnnxType::kInt64, three}}}
        .write("net.onnx");
    return {"net", "net.onnx"};
  }
  static std::vector<InputSpec> inputs(std::int64_t items, std::int64_t rows) {
    return {{"input", {items, 2, rows, 3}}};
  }
  static std::vector<std::int64_t> sizes_of(const ModelSource& model, const std::vector<InputSpec>& inputs) {
    InferencePool pool{ExecutionOptions{}};
    Session session = pool.open("module", model, inputs);
    session.run();
    EXPECT_EQ(session.output(0).shape, inputs.front().shape);
    const auto sizes = session.output(1).as<const std::int64_t>();
    return {sizes.begin(), sizes.end()};
  }
  static Shape declared(const ModelSource& model) {
    return load_model(model, ExecutionOptions{}, 0)->inputs.front().shape;
  }

  test::Scratch scratch_;
  fs::path before_;
};

TEST_F(FixedInputsTest, AreNumbersAndGiveTheSame) {
  const ModelSource model = write_model({1, 2, "height", "width"});
  for (const std::int64_t rows : {5, 7}) {
    const ModelSource fixed = in_form(model, kNhwc, inputs(1, rows));
    EXPECT_NE(fixed.path, model.path);
    EXPECT_EQ(declared(fixed), (Shape{1, 2, rows, 3}));
    EXPECT_EQ(sizes_of(fixed, inputs(1, rows)), (std::vector<std::int64_t>{3, 6, 3 * rows, 9}));
  }
  EXPECT_EQ(in_form(model, {}, inputs(1, 5)).path, model.path);
}

// Otherwise nobody would know that the model takes several.
TEST_F(FixedInputsTest, OfAnOpenNumberOfItemsSayThatItWasOpen) {
  const ModelSource model = write_model({"items", 2, "height", 3});
  const ModelSource fixed = in_form(model, kNhwc, inputs(4, 5));
  EXPECT_EQ(declared(fixed), (Shape{-1, 2, 5, 3}));
  EXPECT_EQ(sizes_of(fixed, inputs(4, 5)), (std::vector<std::int64_t>{12, 6, 15, 9}));
  InferencePool pool{ExecutionOptions{}};
  EXPECT_EQ(pool.open("module", fixed, inputs(4, 5)).batched_inputs(),
            pool.open("module", model, inputs(4, 5)).batched_inputs());
}

TEST_F(FixedInputsTest, OfFixedOnesThereIsNoFile) {
  const ModelSource model = write_model({1, 2, 5, 3});
  EXPECT_EQ(in_form(model, kNhwc, inputs(1, 5)).path, model.path);
  EXPECT_TRUE(fs::is_empty(".caches/fixed"));
}

TEST_F(FixedInputsTest, WhatNeverAsksForShapesStaysAsItIs) {
  test::OnnxModel{{{"input", {"items", 2}}}, {{"output", {"items", 2}}}, {{"Relu", {"input"}, {"output"}}}}.write(
      "net.onnx");
  const std::vector<InputSpec> two{{"input", {2, 2}}};
  EXPECT_EQ(in_form({"net", "net.onnx"}, kNhwc, two).path, "net.onnx");
}

TEST_F(FixedInputsTest, AreFoundAgainByTheirShapes) {
  const ModelSource model = write_model({1, 2, "height", 3});
  const std::string shapes = describe_inputs(inputs(1, 5));
  EXPECT_EQ(find_fixed_inputs(model, shapes).path, model.path);
  const ModelSource fixed = with_fixed_inputs(model, inputs(1, 5));
  EXPECT_EQ(find_fixed_inputs(model, shapes).path, fixed.path);
  EXPECT_EQ(find_fixed_inputs(model, describe_inputs(inputs(1, 7))).path, model.path);
}

}  // namespace
}  // namespace facegraph::runtime
