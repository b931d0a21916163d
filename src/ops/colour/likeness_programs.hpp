// The programs of colour_likeness: hues and saturations are OpenCV's HSV of 8 bits.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "core/types/image.hpp"
#include "ops/colour/match_scratch.hpp"
#include "ops/gpu/counters.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// Of a BGR pixel: the bin of its hue and saturation.
FACEGRAPH_HD inline int colour_bin(const std::uint8_t* bgr) {
  const int b = bgr[0];
  const int g = bgr[1];
  const int r = bgr[2];
  const int larger = b > g ? b : g;
  const int smaller = b < g ? b : g;
  const int value = larger > r ? larger : r;
  const int range = value - (smaller < r ? smaller : r);
  const auto share = [](int whole, double part) {
    return part == 0 ? 0 : static_cast<int>(rint((whole << 12) / part));
  };
  const int saturation = (range * share(255, value) + (1 << 11)) >> 12;
  const int sector = value == r ? g - b : (value == g ? b - r + 2 * range : r - g + 4 * range);
  const int turned = (sector * share(180, 6.0 * range) + (1 << 11)) >> 12;
  const int hue = turned + (turned < 0 ? 180 : 0);
  const int hue_bin = static_cast<int>(floor(hue * (kHueBins / 180.0)));
  return hue_bin * kSaturationBins + static_cast<int>(floor(saturation * (kSaturationBins / 256.0)));
}

// A block program, one index.
struct ClearHistograms {
  LikenessScratch* scratch;

  int blocks() const { return 1; }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int /*index*/) const {
    block.for_each(2 * kColourBins, [this](int i) { scratch->histograms[i / kColourBins][i % kColourBins] = 0; });
  }
};

// A block program over strips of the source, then those of the target. Each counts for itself before it adds to the
// others': pictures have few colours, and many threads that change one number wait for each other.
struct CountColours {
  core::ConstImageView source;
  core::ConstImageView target;
  LikenessScratch* scratch;

  static constexpr int kRows = 4;  // of a strip
  struct Shared {
    std::array<unsigned, kColourBins> counts;
  };

  FACEGRAPH_HD static int strips(const core::ConstImageView& picture) { return (picture.height + kRows - 1) / kRows; }
  int blocks() const { return strips(source) + strips(target); }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int index, Shared& shared) const {
    const int which = index < strips(source) ? 0 : 1;
    const core::ConstImageView& picture = which == 0 ? source : target;
    const int top = (which == 0 ? index : index - strips(source)) * kRows;
    const int height = picture.height - top < kRows ? picture.height - top : kRows;
    block.for_each(kColourBins, [&](int i) { shared.counts[i] = 0; });
    block.for_each(picture.width * height, [&](int i) {
      const auto* pixel = pixel_at<std::uint8_t>(picture, i % picture.width, top + i / picture.width);
      count_in(shared.counts[colour_bin(pixel)]);
    });
    block.for_each(kColourBins, [&](int i) {
      if (shared.counts[i] != 0) {
        add_to(scratch->histograms[which][i], shared.counts[i]);
      }
    });
  }
};

// A block program, one index: the correlation of the histograms as a likeness, 0..1.
struct CompareColours {
  LikenessScratch* scratch;

  // Of counts. Whole numbers: exact in every order.
  struct Sums {
    unsigned long long source;
    unsigned long long target;
    unsigned long long source_squares;
    unsigned long long target_squares;
    unsigned long long products;
  };
  static constexpr int kParts = 256;
  static constexpr int kGroups = 16;
  struct Shared {
    std::array<Sums, kParts> parts;
    std::array<Sums, kGroups> groups;
  };

  int blocks() const { return 1; }

  FACEGRAPH_HD Sums sums_from(int first) const {
    Sums sums{};
    for (int i = first; i < kColourBins; i += kParts) {
      const unsigned long long source = scratch->histograms[0][i];
      const unsigned long long target = scratch->histograms[1][i];
      sums.source += source;
      sums.target += target;
      sums.source_squares += source * source;
      sums.target_squares += target * target;
      sums.products += source * target;
    }
    return sums;
  }

  FACEGRAPH_HD static Sums sum_of(const Sums* parts, int count) {
    Sums sums{};
    for (int i = 0; i < count; ++i) {
      sums.source += parts[i].source;
      sums.target += parts[i].target;
      sums.source_squares += parts[i].source_squares;
      sums.target_squares += parts[i].target_squares;
      sums.products += parts[i].products;
    }
    return sums;
  }

  FACEGRAPH_HD static double likeness(const Sums& sums) {
    constexpr double kShare = 1.0 / kColourBins;
    const auto source = static_cast<double>(sums.source);
    const auto target = static_cast<double>(sums.target);
    const double common = static_cast<double>(sums.products) - source * target * kShare;
    const double spread = (static_cast<double>(sums.source_squares) - source * source * kShare) *
                          (static_cast<double>(sums.target_squares) - target * target * kShare);
    const double correlation = fabs(spread) > 2.220446049250313e-16 ? common / sqrt(spread) : 1;
    const double share = (correlation + 1) / 2;
    return share > 0 ? (share < 1 ? share : 1) : 0;
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int /*index*/, Shared& shared) const {
    constexpr int kOfGroup = kParts / kGroups;
    block.for_each(kParts, [&](int i) { shared.parts[i] = sums_from(i); });
    block.for_each(kGroups, [&](int i) { shared.groups[i] = sum_of(&shared.parts[i * kOfGroup], kOfGroup); });
    block.for_each(1, [&](int) { scratch->likeness = likeness(sum_of(shared.groups.data(), kGroups)); });
  }
};

}  // namespace facegraph::ops
