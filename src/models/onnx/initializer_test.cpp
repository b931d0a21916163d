#include "models/onnx/initializer.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"
#include "support/scratch.hpp"

namespace facegraph::models {
namespace {

using core::ErrorCode;
using test::OnnxInitializer;
using test::OnnxModel;
using test::OnnxType;

OnnxModel model_with(const std::vector<OnnxInitializer>& initializers) {
  return {{{"input", {1}}}, {{"output", {1}}}, {{"Relu", {"input"}, {"output"}}}, initializers};
}

Initializer read(const test::Scratch& scratch, const OnnxModel& model) {
  model.write(scratch / "net.onnx");
  return last_initializer(scratch / "net.onnx");
}

std::string error_of(const std::filesystem::path& path) {
  return test::message_of(ErrorCode::kFailed, [&] { last_initializer(path); });
}

TEST(LastInitializer, IsTheLastInFileOrder) {
  const test::Scratch scratch;
  const Initializer found = read(scratch, model_with({test::constant("first", {4}, {9, 9, 9, 9}),
                                                      test::constant("last", {2, 3}, {1, 2, 3, 4, 5, -6.5F})}));
  EXPECT_EQ(found.dims, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(found.values, (std::vector<float>{1, 2, 3, 4, 5, -6.5F}));
}

TEST(LastInitializer, MayBeAnEmbeddingMap) {
  const test::Scratch scratch;
  std::vector<float> map(512 * 512);
  std::iota(map.begin(), map.end(), 0.0F);
  const Initializer found = read(scratch, model_with({test::constant("map", {512, 512}, map)}));
  EXPECT_EQ(found.dims, (std::vector<std::int64_t>{512, 512}));
  EXPECT_EQ(found.values, map);
}

TEST(LastInitializer, DimsAndValuesMayBePacked) {
  const test::Scratch scratch;
  OnnxInitializer packed = test::constant("packed", {3, 1}, {1, 2, 300});
  packed.packed_dims = true;
  packed.typed_field = true;
  const Initializer found = read(scratch, model_with({packed}));
  EXPECT_EQ(found.dims, (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(found.values, (std::vector<float>{1, 2, 300}));
}

TEST(LastInitializer, AScalarHasNoDims) {
  const test::Scratch scratch;
  const Initializer found = read(scratch, model_with({test::constant("scalar", {}, {4})}));
  EXPECT_TRUE(found.dims.empty());
  EXPECT_EQ(found.values, std::vector<float>{4});
}

TEST(LastInitializer, Float16IsWidened) {
  struct Case {
    std::uint16_t half;
    float value;
  };
  const std::vector<Case> cases{{0x0000, 0.0F},
                                {0x8000, -0.0F},
                                {0x3C00, 1.0F},
                                {0xBC00, -1.0F},
                                {0x3555, 0x1.554p-2F},
                                {0x7BFF, 65504.0F},
                                {0xFBFF, -65504.0F},
                                {0x0400, 0x1p-14F},
                                {0x03FF, 0x1.ff8p-15F},
                                {0x0001, 0x1p-24F},
                                {0x8001, -0x1p-24F},
                                {0x8200, -0x1p-15F},
                                {0x7C00, std::numeric_limits<float>::infinity()},
                                {0xFC00, -std::numeric_limits<float>::infinity()}};
  std::vector<std::uint16_t> halves;
  for (const Case& one : cases) {
    halves.push_back(one.half);
  }
  halves.push_back(0x7E00);
  const test::Scratch scratch;
  const OnnxInitializer half{.name = "half",
                             .dims = {static_cast<std::int64_t>(halves.size())},
                             .type = OnnxType::kFloat16,
                             .raw = test::raw_bytes(halves)};
  const Initializer found = read(scratch, model_with({half}));
  ASSERT_EQ(found.values.size(), halves.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(found.values[i], cases[i].value) << std::hex << cases[i].half;
    EXPECT_EQ(std::signbit(found.values[i]), std::signbit(cases[i].value)) << std::hex << cases[i].half;
  }
  EXPECT_TRUE(std::isnan(found.values.back()));
}

TEST(LastInitializer, OtherTypesAndAbsenceAreErrorsThatNameTheFile) {
  const test::Scratch scratch;
  model_with({{.name = "id", .dims = {1}, .type = OnnxType::kInt64, .raw = std::string(8, '\0')}})
      .write(scratch / "integers.onnx");
  test::expect_names(error_of(scratch / "integers.onnx"), {"integers.onnx"});
  model_with({}).write(scratch / "none.onnx");
  test::expect_names(error_of(scratch / "none.onnx"), {"none.onnx"});
  test::expect_names(error_of(scratch / "gone.onnx"), {"gone.onnx"});
  test::expect_names(error_of(scratch.write("empty.onnx", "")), {"empty.onnx"});
}

TEST(LastInitializer, ValuesMustFitTheDims) {
  const test::Scratch scratch;
  model_with({test::constant("short", {2, 2}, {1, 2, 3})}).write(scratch / "net.onnx");
  error_of(scratch / "net.onnx");
  model_with({test::constant("negative", {-1}, {1})}).write(scratch / "net.onnx");
  error_of(scratch / "net.onnx");
}

TEST(LastInitializer, EveryShorterFileIsDamaged) {
  const test::Scratch scratch;
  OnnxInitializer packed = test::constant("packed", {300, 1}, std::vector<float>(300, 1.0F));
  packed.packed_dims = true;
  const std::string whole = model_with({test::constant("first", {2}, {1, 2}), packed}).bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto path = scratch.write("net.onnx", whole.substr(0, length));
    EXPECT_THROW(last_initializer(path), core::Error) << length << " of " << whole.size() << " bytes";
  }
  EXPECT_EQ(last_initializer(scratch.write("net.onnx", whole)).values.size(), 300U);
}

TEST(LastInitializer, ABrokenByteNeverCrashes) {
  const test::Scratch scratch;
  const std::string whole = model_with({test::constant("last", {2}, {1, 2})}).bytes();
  for (std::size_t position = 0; position < whole.size(); ++position) {
    for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
      std::string broken = whole;
      broken[position] = static_cast<char>(value);
      try {
        last_initializer(scratch.write("net.onnx", broken));
      } catch (const core::Error&) {  // as it should; other exceptions end the test
      }
    }
  }
}

}  // namespace
}  // namespace facegraph::models
