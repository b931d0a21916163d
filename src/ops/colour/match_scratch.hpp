// What the steps of colour matching leave to one another in a GPU's memory.
#pragma once

#include <array>

namespace facegraph::ops {

constexpr int kHueBins = 50;
constexpr int kSaturationBins = 60;
constexpr int kColourBins = kHueBins * kSaturationBins;

struct LikenessScratch {
  std::array<std::array<unsigned, kColourBins>, 2> histograms;  // of source and target
  double likeness;
};

}  // namespace facegraph::ops
