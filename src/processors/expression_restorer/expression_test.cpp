#include "processors/expression_restorer/expression.hpp"

#include <gtest/gtest.h>

#include "processors/shared/live_portrait.hpp"
#include "support/npz.hpp"

namespace facegraph::processors {
namespace {

ops::PortraitPoints filled(float value) {
  ops::PortraitPoints points;
  for (auto& point : points) {
    point.fill(value);
  }
  return points;
}

TEST(RestrictAreas, AreExactlyTheReferences) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/live_portrait.npz");
  const auto expressions = golden["in_expression"].as<float>();
  const ops::PortraitPoints changed = to_points(expressions.first(63));
  const ops::PortraitPoints original = to_points(expressions.subspan(63, 63));
  struct Case {
    const char* name;
    RestoredAreas areas;
  };
  for (const Case& one : {Case{"upper-face", {true, false}}, Case{"lower-face", {false, true}},
                          Case{"upper-face+lower-face", {true, true}}}) {
    const ops::PortraitPoints expected = to_points(golden[std::string("out_areas_") + one.name].as<float>());
    EXPECT_EQ(restrict_areas(original, changed, one.areas), expected) << one.name;
  }
}

// spec: portrait-frame-processors.md section 12, "Expression factor"
TEST(BlendExpressions, WeighsByTheFactor) {
  struct Case {
    double factor;
    double share;
  };
  // Point 20's y may go from -0.0374 to 0.0867.
  for (const Case& one : {Case{0, 0}, Case{50, 0.6}, Case{80, 0.96}, Case{83, 0.996}, Case{84, 1.008}, Case{100, 1.2},
                          Case{120, 1.2}, Case{-5, 0}}) {
    const float y = blend_expressions(filled(0.03F), filled(0.01F), one.factor)[20][1];
    EXPECT_NEAR(y, 0.01 + one.share * 0.02, 2e-9) << one.factor;
  }
}

TEST(BlendExpressions, StaysWithinTheLimits) {
  ops::PortraitPoints limits = filled(1);
  ops::limit_expression(limits);
  EXPECT_EQ(blend_expressions(filled(1), filled(1), 80), limits);
  EXPECT_EQ(blend_expressions(filled(0), filled(1), 0), limits);  // the changed face's own expression too
}

}  // namespace
}  // namespace facegraph::processors
