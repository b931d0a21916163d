#include "processors/shared/model_name.hpp"

#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "support/scratch.hpp"

namespace facegraph::processors {
namespace {

TEST(ModelName, IsTheOptionsValue) {
  core::OptionValues values;
  values.set("face-editor-model", std::string("live_portrait"));
  EXPECT_EQ(model_name(values, "face_editor"), "live_portrait");
}

TEST(ModelName, AModelSetWithoutOneIsNamed) {
  core::OptionValues values = test::values_of({models::model_set_options()}, {{models::kModelSetOption, {"embedded"}}});
  values.set("face-editor-model", {});
  test::expect_names(test::message_of(core::ErrorCode::kUsage, [&] { model_name(values, "face_editor"); }),
                     {"face_editor", "embedded", "--model-set"});
}

}  // namespace
}  // namespace facegraph::processors
