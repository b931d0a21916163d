#include "models/onnx/declared_inputs.hpp"

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::models {
namespace {

using Dims = std::vector<std::int64_t>;

test::OnnxModel swapper_model() {
  return {{{"in_face:0", {"batch", 224, 320, 3}}, {"morph_value:0", {1}}, {"scale", {}}},
          {{"output", {1}}},
          {{"Relu", {"morph_value:0"}, {"output"}}},
          {test::constant("weights", {2}, {1, 2})}};
}

TEST(DeclaredInputs, AreNamedWithTheirShapes) {
  const test::Scratch scratch;
  swapper_model().write(scratch / "net.dfm");
  const auto inputs = declared_inputs(scratch / "net.dfm");
  ASSERT_EQ(inputs.size(), 3U);
  EXPECT_EQ(inputs[0].name, "in_face:0");
  EXPECT_EQ(inputs[0].dims, (Dims{-1, 224, 320, 3}));
  EXPECT_EQ(inputs[1].name, "morph_value:0");
  EXPECT_EQ(inputs[1].dims, (Dims{1}));
  EXPECT_EQ(inputs[2].dims, Dims{});
  EXPECT_EQ(find_input(inputs, "morph_value:0"), &inputs[1]);
  EXPECT_EQ(find_input(inputs, "weights"), nullptr);
}

TEST(DeclaredInputs, OfABrokenFileAreAnError) {
  const test::Scratch scratch;
  const std::string whole = swapper_model().bytes();
  for (const auto& [name, content] : {std::pair<std::string, std::string>{"empty.dfm", ""},
                                      {"cut.dfm", whole.substr(0, whole.size() - 9)},
                                      {"text.dfm", "no model at all"}}) {
    const auto path = scratch.write(name, content);
    test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { declared_inputs(path); }), {name});
  }
  test::expect_names(test::message_of(core::ErrorCode::kFailed, [&] { declared_inputs(scratch / "none.dfm"); }),
                     {"none.dfm"});
}

}  // namespace
}  // namespace facegraph::models
