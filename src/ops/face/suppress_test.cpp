#include <algorithm>
#include <cmath>
#include <random>
#include <set>

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

// Boxes with whole corners, some beyond the frame's border, empty, or of one pixel, often equal; scores with ties.
struct Candidates {
  std::vector<core::BoundingBox> boxes;
  std::vector<float> scores;
};

Candidates random_candidates(std::mt19937& generator) {
  const auto whole = [&](int low, int high) { return std::uniform_int_distribution(low, high)(generator); };
  Candidates all;
  for (int count = whole(0, 40); count > 0; --count) {
    const double x = whole(-30, 130);
    const double y = whole(-30, 130);
    all.boxes.push_back({x, y, x + whole(0, 40), y + whole(0, 40)});
    if (whole(0, 9) == 0) {
      all.boxes.back() = all.boxes.at(static_cast<std::size_t>(whole(0, static_cast<int>(all.boxes.size()) - 1)));
    }
    all.scores.push_back(static_cast<float>(whole(0, 20)) / 20);
  }
  return all;
}

// The common pixels of two boxes with whole corners, counted one by one.
long common_pixels(const core::BoundingBox& a, const core::BoundingBox& b) {
  long count = 0;
  for (auto y = static_cast<long>(a.y1); y < static_cast<long>(a.y2); ++y) {
    for (auto x = static_cast<long>(a.x1); x < static_cast<long>(a.x2); ++x) {
      count += x >= b.x1 && x < b.x2 && y >= b.y1 && y < b.y2 ? 1 : 0;
    }
  }
  return count;
}

// Of what is left the best (the first of equals) again and again; it takes with it all that share more than a part.
std::vector<int> best_first(const Candidates& all, float score_threshold, double part) {
  std::set<std::size_t> left;
  for (std::size_t i = 0; i < all.boxes.size(); ++i) {
    if (all.scores[i] > score_threshold) {
      left.insert(i);
    }
  }
  std::vector<int> kept;
  while (!left.empty()) {
    const std::size_t best = *std::max_element(
        left.begin(), left.end(), [&](std::size_t a, std::size_t b) { return all.scores[a] < all.scores[b]; });
    kept.push_back(static_cast<int>(best));
    const core::BoundingBox& box = all.boxes[best];
    std::erase_if(left, [&](std::size_t other) {
      const double areas = box.area() + all.boxes[other].area();
      const auto common = static_cast<double>(common_pixels(box, all.boxes[other]));
      return other == best || areas == 0 || common > part * (areas - common);
    });
  }
  return kept;
}

TEST(Suppress, EqualsTakingTheBestAgainAndAgain) {
  std::mt19937 generator(20);
  for (int round = 0; round < 500; ++round) {
    const Candidates all = random_candidates(generator);
    // No ratio of such small areas: the last bit of an overlap does not decide.
    for (const double part : {0.1003, 0.4007}) {
      ASSERT_EQ(suppress(all.boxes, all.scores, 0.5F, static_cast<float>(part)), best_first(all, 0.5F, part))
          << "round " << round << ", threshold " << part;
    }
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
