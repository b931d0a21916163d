// What the steps of balance_contrast leave to one another in a GPU's memory.
#pragma once

#include <array>
#include <cstdint>

namespace facegraph::ops {

constexpr double kDarkLightness = 30;
constexpr double kContrastClip = 2;
constexpr int kContrastTiles = 8;  // in both directions

struct ContrastScratch {
  static constexpr int kTables = kContrastTiles * kContrastTiles;

  unsigned lightness;  // sum over the crop
  std::array<std::array<unsigned, 256>, kTables> histograms;
  std::array<std::array<std::uint8_t, 256>, kTables> levels;  // of a tile: the new lightness of each
};

}  // namespace facegraph::ops
