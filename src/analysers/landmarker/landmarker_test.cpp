#include "analysers/landmarker/landmarker.hpp"

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"

namespace facegraph::analysers {
namespace {

// A face that fills the crop but for its margin: 195 of 256 pixels, so that the crop is the frame at scale 1.
constexpr core::BoundingBox kBox{30.5, 30.5, 225.5, 225.5};

class PeppaTest : public testing::Test {
 protected:
  // Point i lies at (i / 2, i / 4) on the grid of 64; every point has the score.
  std::optional<LandmarkerResult> detect(const std::vector<std::int64_t>& shape, float score) {
    std::vector<float> values;
    for (int i = 0; i < 68; ++i) {
      values.insert(values.end(), {static_cast<float>(i) / 2, static_cast<float>(i) / 4, score});
    }
    values.resize(runtime::element_count(shape));
    models_.pool.release("face_landmarker");  // the one of an earlier call
    models_.add("peppa_wutz", {1, 3, 256, 256}, {test::constant("output", shape, values)});
    return Landmarker(models_.context, {.model = "peppa_wutz"}).detect(test::grey(256, 256), kBox, 0).value();
  }

  test::Models models_;
};

TEST_F(PeppaTest, ItsValuesMayHaveAnyShape) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{1, 204}, {1, 68, 3}, {68, 3}}) {
    const auto result = detect(shape, 0.475F);
    ASSERT_TRUE(result);
    EXPECT_NEAR(result->score, 0.5, 1e-6);
    for (int i = 0; i < 68; ++i) {
      EXPECT_NEAR(result->points[i].x, 2.0 * i, 1e-3);
      EXPECT_NEAR(result->points[i].y, 1.0 * i, 1e-3);
    }
  }
}

TEST_F(PeppaTest, AnotherNumberOfValuesIsAnError) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{1, 203}, {1, 68, 4}}) {
    facegraph::test::expect_names(facegraph::test::message_of(core::ErrorCode::kFailed, [&] { detect(shape, 0.9F); }),
                                  {"peppa_wutz", "`output`", runtime::describe(shape), "204"});
  }
}

TEST_F(PeppaTest, WithoutTrustThereAreNoPoints) {
  EXPECT_FALSE(detect({1, 204}, 0.18F));
  EXPECT_TRUE(detect({1, 204}, 0.2F));
}

}  // namespace
}  // namespace facegraph::analysers
