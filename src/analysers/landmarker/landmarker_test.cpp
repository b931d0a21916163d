#include "analysers/landmarker/landmarker.hpp"

#include <gtest/gtest.h>

#include "analysers/test_support.hpp"

namespace facegraph::analysers {
namespace {

// A face that fills the crop but for its margin: 195 of 256 pixels, so that the crop is the frame at scale 1.
constexpr core::BoundingBox kBox{30.5, 30.5, 225.5, 225.5};
constexpr core::Point kPredicted{-1, -2};

class PeppaTest : public testing::Test {
 protected:
  // Point i lies at (i / 2, i / 4) on the grid of 64; every point has the score.
  FacePoints refine(const std::vector<std::int64_t>& shape, float score) {
    std::vector<float> values;
    for (int i = 0; i < 68; ++i) {
      values.insert(values.end(), {static_cast<float>(i) / 2, static_cast<float>(i) / 4, score});
    }
    values.resize(runtime::element_count(shape));
    models_.pool.release("face_landmarker");  // the one of an earlier call
    models_.add("peppa_wutz", {1, 3, 256, 256}, {test::constant("output", shape, values)});
    FacePoints points;
    points.sixty_eight.fill(kPredicted);
    points.upright = upright_crop_of(kBox);
    points.turn = {{1, 0, 0, 0, 1, 0}};
    const core::Image frame = test::grey(256, 256);
    const FoundFace face{frame, nullptr};
    Landmarker(models_.context, {.model = "peppa_wutz", .score = 0.5}).refine(&points, {&face, 1});
    return points;
  }

  test::Models models_;
};

TEST_F(PeppaTest, ItsValuesMayHaveAnyShape) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{1, 204}, {1, 68, 3}, {68, 3}}) {
    const FacePoints points = refine(shape, 0.5F);
    EXPECT_NEAR(points.score, 0.5 / 0.95, 1e-6);
    for (int i = 0; i < 68; ++i) {
      EXPECT_NEAR(points.sixty_eight[i].x, 2.0 * i, 1e-3);
      EXPECT_NEAR(points.sixty_eight[i].y, 1.0 * i, 1e-3);
    }
    EXPECT_NEAR(points.five_of_68[2].x, 2.0 * 30, 1e-3);
  }
}

TEST_F(PeppaTest, AnotherNumberOfValuesIsAnError) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{1, 203}, {1, 68, 4}}) {
    facegraph::test::expect_names(facegraph::test::message_of(core::ErrorCode::kFailed, [&] { refine(shape, 0.9F); }),
                                  {"peppa_wutz", "`output`", runtime::describe(shape), "204"});
  }
}

TEST_F(PeppaTest, WithoutTrustThereAreNoPoints) {
  const FacePoints points = refine({1, 204}, 0.18F);
  EXPECT_EQ(points.sixty_eight[67], kPredicted);
  EXPECT_EQ(points.score, 0);
  const FacePoints doubtful = refine({1, 204}, 0.2F);
  EXPECT_NEAR(doubtful.sixty_eight[67].x, 134, 1e-3);
  EXPECT_EQ(doubtful.five_of_68[2], core::Point{}) << "the score is below the threshold";
}

}  // namespace
}  // namespace facegraph::analysers
