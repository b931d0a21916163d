#include "models/catalogue/model_set.hpp"

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace facegraph::models {
namespace {

core::OptionValues given(const std::string& set) {
  return test::values_of({model_set_options()}, {{kModelSetOption, {set}}});
}

TEST(ModelSet, IsOfficialUnlessAskedFor) {
  EXPECT_EQ(model_set_of(test::values_of({model_set_options()})), ModelSet::kOfficial);
  EXPECT_EQ(model_set_of(given("official")), ModelSet::kOfficial);
  EXPECT_EQ(model_set_of(given("embedded")), ModelSet::kEmbedded);
  EXPECT_TRUE(is_embedded(given("embedded")));
  EXPECT_FALSE(is_embedded(given("official")));
}

TEST(ModelSet, IsOfficialForCommandsWithoutTheOption) {
  EXPECT_EQ(model_set_of({}), ModelSet::kOfficial);
}

TEST(ModelSet, TakesNoOtherName) {
  test::expect_names(test::message_of(core::ErrorCode::kUsage, [] { given("tiny"); }),
                     {"--model-set", "official, embedded", "'tiny'"});
}

TEST(ModelSet, MarksItsFiles) {
  EXPECT_TRUE(is_embedded(embedded_file("embedded_detector")));
  EXPECT_EQ(embedded_file("embedded_detector").file_name(), "embedded_detector.onnx");
  EXPECT_FALSE(is_embedded(ModelFile{"scrfd_2.5g", "models-3.0.0", "Non-Commercial"}));
}

}  // namespace
}  // namespace facegraph::models
