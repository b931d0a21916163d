#include <cmath>

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "ops/face/face.hpp"
#include "support/npz.hpp"

namespace facegraph::ops {
namespace {

TEST(Suppress, MeetsTheGoldens) {
  FACEGRAPH_SHARED_OR_SKIP(shared);
  const test::Npz golden(shared / "golden/numeric/nms.npz");
  const auto boxes = golden["in_boxes"].as<double>();
  const auto scores = golden["in_scores"].as<double>();
  const auto counts = golden["in_count"].as<std::int64_t>();
  const auto thresholds = golden["in_thresholds"].as<double>();
  const auto keeps = golden["out_keep"].as<std::int64_t>();
  constexpr std::size_t kRows = 25;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::vector<core::BoundingBox> candidates;
    std::vector<float> candidate_scores;
    for (std::size_t j = 0; j < static_cast<std::size_t>(counts[i]); ++j) {
      const auto box = boxes.subspan(4 * (i * kRows + j), 4);
      candidates.push_back({box[0], box[1], box[2], box[3]});
      candidate_scores.push_back(static_cast<float>(scores[i * kRows + j]));
    }
    std::vector<int> expected;
    for (const std::int64_t index : keeps.subspan(i * kRows, kRows)) {
      if (index >= 0) {
        expected.push_back(static_cast<int>(index));
      }
    }
    EXPECT_EQ(suppress(candidates, candidate_scores, static_cast<float>(thresholds[2 * i]),
                       static_cast<float>(thresholds[2 * i + 1])),
              expected)
        << "case " << i;
  }
}

TEST(Suppress, DropsScoresEqualToTheThreshold) {
  const std::vector<core::BoundingBox> boxes{{0, 0, 10, 10}, {50, 50, 60, 60}};
  EXPECT_EQ(suppress(boxes, std::vector{0.5F, 0.6F}, 0.5F, 0.4F), std::vector{1});
}

TEST(Suppress, KeepsTheOrderOfEqualScoresAndDropsIdenticalEmptyBoxes) {
  const std::vector<core::BoundingBox> apart{{0, 0, 10, 10}, {50, 50, 60, 60}, {90, 90, 99, 99}};
  EXPECT_EQ(suppress(apart, std::vector{0.6F, 0.7F, 0.6F}, 0.5F, 0.4F), (std::vector{1, 0, 2}));
  const std::vector<core::BoundingBox> empty{{5, 5, 5, 5}, {70, 7, 70, 7}};
  EXPECT_EQ(suppress(empty, std::vector{0.6F, 0.7F}, 0.5F, 0.4F), std::vector{1});
  EXPECT_TRUE(suppress({}, {}, 0.5F, 0.4F).empty());
}

TEST(Suppress, SurvivesNan) {
  const double nan = std::nan("");
  const std::vector<core::BoundingBox> boxes{{nan, nan, nan, nan}, {0, 0, 10, 10}};
  suppress(boxes, std::vector{0.9F, 0.8F}, 0.5F, 0.4F);
  EXPECT_TRUE(suppress(boxes, std::vector{std::nanf(""), 0.1F}, 0.5F, 0.4F).empty());
  EXPECT_THROW(suppress(boxes, std::vector{0.9F}, 0.5F, 0.4F), core::Error);
}

TEST(NmsThreshold, DependsOnModelAndAngleCount) {
  EXPECT_EQ(nms_threshold(true, 1), 0.1F);
  EXPECT_EQ(nms_threshold(false, 0), 0.4F);
  EXPECT_EQ(nms_threshold(false, 1), 0.4F);
  EXPECT_EQ(nms_threshold(false, 2), 0.3F);
  EXPECT_EQ(nms_threshold(false, 3), 0.2F);
  EXPECT_EQ(nms_threshold(false, 4), 0.1F);
  EXPECT_EQ(nms_threshold(false, 5), 0.4F);
}

}  // namespace
}  // namespace facegraph::ops
