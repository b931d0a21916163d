// What the steps of colour matching leave to one another in a GPU's memory.
#pragma once

#include <array>

namespace facegraph::ops {

constexpr int kHueBins = 50;
constexpr int kSaturationBins = 60;
constexpr int kColourBins = kHueBins * kSaturationBins;

struct LikenessScratch {
  static constexpr int kParts = 60;

  // Of counts: sums, sums of squares, sum of products. Whole numbers: exact in every order.
  struct Sums {
    unsigned long long source;
    unsigned long long target;
    unsigned long long source_squares;
    unsigned long long target_squares;
    unsigned long long products;
  };

  std::array<std::array<unsigned, kColourBins>, 2> histograms;  // of source and target
  std::array<Sums, kParts> parts;
  double likeness;
};

}  // namespace facegraph::ops
