// Lists of faces for the tests of what a GPU computes on them.
#pragma once

#include <limits>
#include <random>
#include <vector>

#include "core/types/face.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::ops {

template <typename Landmark>
Landmark random_landmark(std::mt19937& random) {
  std::uniform_real_distribution<double> place(-50, 1950);
  Landmark landmark;
  for (core::Point& point : landmark) {
    point = {place(random), place(random)};
  }
  return landmark;
}

// Turned and scaled templates, some with outliers, some without any pattern, the last two degenerate.
inline std::vector<core::Landmark5> random_fives(int count) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> unit(-1, 1);
  std::vector<core::Landmark5> fives;
  for (int i = 0; i < count - 2; ++i) {
    core::Landmark5 five = warp_template(WarpTemplate::kFfhq512);
    const core::Affine look{{200 + 90 * unit(random), 80 * unit(random), 500 + 400 * unit(random), 80 * unit(random),
                             200 + 90 * unit(random), 300 + 400 * unit(random)}};
    transform_points(look, five);
    if (i % 3 == 1) {
      five[i % 5].x += 150 + 100 * unit(random);
    }
    fives.push_back(i % 7 == 3 ? random_landmark<core::Landmark5>(random) : five);
  }
  core::Landmark5 same;
  same.fill({10, 20});
  fives.push_back(same);
  same[3].y = std::numeric_limits<double>::infinity();
  fives.push_back(same);
  return fives;
}

// Whole corners and scores in twentieths: many ties, empty and equal boxes; a score and a box that are not numbers.
struct ScoredBoxes {
  std::vector<core::BoundingBox> boxes;
  std::vector<float> scores;
};

inline ScoredBoxes random_boxes(std::mt19937& random, int count) {
  const auto whole = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  ScoredBoxes all;
  for (int i = 0; i < count; ++i) {
    const double x = whole(-30, 130);
    const double y = whole(-30, 130);
    all.boxes.push_back({x, y, x + whole(0, 40), y + whole(0, 40)});
    if (whole(0, 9) == 0) {
      all.boxes.back() = all.boxes.at(static_cast<std::size_t>(whole(0, i)));
    }
    all.scores.push_back(static_cast<float>(whole(0, 20)) / 20);
  }
  if (count > 10) {
    all.boxes[7].x1 = std::numeric_limits<double>::quiet_NaN();
    all.scores[8] = std::numeric_limits<float>::quiet_NaN();
  }
  return all;
}

inline std::vector<core::Embedding> random_embeddings(int count) {
  std::mt19937 random(5);
  std::normal_distribution<float> value(0, 1);
  std::vector<core::Embedding> embeddings(static_cast<std::size_t>(count));
  for (core::Embedding& embedding : embeddings) {
    for (float& entry : embedding) {
      entry = value(random);
    }
  }
  return embeddings;
}

}  // namespace facegraph::ops
