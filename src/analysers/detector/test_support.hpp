// Raw outputs of detectors, for the tests of what a GPU makes of them.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "analysers/detector/decode_formula.hpp"
#include "ops/geometry/affine.hpp"

namespace facegraph::analysers {

inline constexpr core::Size kDetectorInput{640, 640};
inline constexpr ops::LetterboxRatio kDetectorRatio{2.25, 2.2431};
inline constexpr std::array<int, 3> kDetectorStrides{8, 16, 32};

// Scores: `hits` rows of that count have one above 0.5, the others below.
struct RawRows {
  std::vector<float> scores;
  std::vector<float> objects;
  std::vector<float> boxes;
  std::vector<float> points;
};

inline RawRows random_rows(int count, int hits, std::mt19937& random) {
  std::uniform_real_distribution<float> value(-2, 2);
  std::uniform_real_distribution<float> low(0, 0.49F);
  std::uniform_real_distribution<float> high(0.8F, 1);
  const auto size = static_cast<std::size_t>(count);
  RawRows rows{std::vector<float>(size), std::vector<float>(size, 1), std::vector<float>(4 * size),
               std::vector<float>(10 * size)};
  std::generate(rows.scores.begin(), rows.scores.end(), [&] { return low(random); });
  std::generate(rows.boxes.begin(), rows.boxes.end(), [&] { return value(random); });
  std::generate(rows.points.begin(), rows.points.end(), [&] { return value(random); });
  for (int i = 0; i < hits; ++i) {
    const auto row = std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
    rows.scores[row] = high(random);
    rows.objects[row] = high(random);
  }
  return rows;
}

// Of the anchors with that many rows to a cell, all three strides.
inline std::array<RawRows, 3> random_strides(int per_cell, int hits, unsigned seed) {
  std::mt19937 random(seed);
  std::array<RawRows, 3> strides;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    strides[i] = random_rows(ops::anchor_rows(kDetectorStrides[i], per_cell, kDetectorInput), hits, random);
  }
  return strides;
}

// The numbers of yolo_face's 8400 candidates in planes.
inline std::vector<float> random_planes(int count, int hits, unsigned seed) {
  std::mt19937 random(seed);
  const RawRows rows = random_rows(count, hits, random);
  std::uniform_real_distribution<float> place(0, 640);
  std::vector<float> planes(static_cast<std::size_t>(count) * YoloRows::kPlanes);
  std::generate(planes.begin(), planes.end(), [&] { return place(random); });
  std::copy(rows.scores.begin(), rows.scores.end(), planes.begin() + 4 * static_cast<std::ptrdiff_t>(count));
  return planes;
}

// 40 pixels of margin at the left, 30 at the top; the frame was turned by a quarter.
inline FramePlace turned_place() {
  const core::Affine matrix = ops::rotation(90, {1280, 720}).matrix;
  return {40, 30, true, ops::invert(matrix)};
}

}  // namespace facegraph::analysers
