// The programs of colour matching. Averages are OpenCV's INTER_AREA, the fields are spread with its INTER_CUBIC, hues
// and saturations are its HSV of 8 bits.
#pragma once

#include <cmath>

#include "ops/blend/blend_pixels.hpp"
#include "ops/colour/lab_formula.hpp"
#include "ops/colour/match_scratch.hpp"
#include "ops/gpu/counters.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

// The pixels on one axis that a field covers, the first and last of them in part.
struct AreaTaps {
  int first;
  int count;
  float first_weight;
  float weight;
  float last_weight;

  FACEGRAPH_HD float weight_of(int i) const { return i == 0 ? first_weight : (i == count - 1 ? last_weight : weight); }
};

FACEGRAPH_HD inline AreaTaps area_taps(int field, int side, int fields) {
  const double scale = 1 / (static_cast<double>(fields) / side);
  const double begin = field * scale;
  const double end = begin + scale;
  const double cell = scale < side - begin ? scale : side - begin;
  int whole_end = static_cast<int>(floor(end));
  whole_end = whole_end < side - 1 ? whole_end : side - 1;
  int whole_begin = static_cast<int>(ceil(begin));
  whole_begin = whole_begin < whole_end ? whole_begin : whole_end;
  const bool has_head = whole_begin - begin > 1e-3;
  const bool has_tail = end - whole_end > 1e-3;
  const double tail = end - whole_end < 1 ? end - whole_end : 1;
  const auto whole = static_cast<float>(1 / cell);
  const auto head_weight = static_cast<float>((whole_begin - begin) / cell);
  const auto tail_weight = static_cast<float>((tail < cell ? tail : cell) / cell);
  AreaTaps taps{};
  taps.first = has_head ? whole_begin - 1 : whole_begin;
  taps.count = whole_end - whole_begin + (has_head ? 1 : 0) + (has_tail ? 1 : 0);
  taps.weight = whole;
  taps.last_weight = has_tail ? tail_weight : whole;
  taps.first_weight = has_head ? head_weight : (taps.count == 1 ? taps.last_weight : whole);
  return taps;
}

// A channel of the picture averaged over one of `fields` x `fields` fields, to 8 bits.
FACEGRAPH_HD inline int field_average(const core::ConstImageView& picture, int fields, int x, int y, int channel) {
  if (picture.width % fields == 0 && picture.height % fields == 0) {
    const int width = picture.width / fields;
    const int height = picture.height / fields;
    int sum = 0;
    for (int j = 0; j < height; ++j) {
      for (int i = 0; i < width; ++i) {
        sum += pixel_at<std::uint8_t>(picture, x * width + i, y * height + j)[channel];
      }
    }
    if (width == 2 && height == 2) {
      return (sum + 2) >> 2;
    }
    return clip_to_byte(static_cast<int>(rintf(static_cast<float>(sum) * (1.0F / static_cast<float>(width * height)))));
  }
  const AreaTaps columns = area_taps(x, picture.width, fields);
  const AreaTaps rows = area_taps(y, picture.height, fields);
  float sum = 0;
  for (int j = 0; j < rows.count; ++j) {
    float row = 0;
    for (int i = 0; i < columns.count; ++i) {
      row += static_cast<float>(pixel_at<std::uint8_t>(picture, columns.first + i, rows.first + j)[channel]) *
             columns.weight_of(i);
    }
    sum += row * rows.weight_of(j);
  }
  return clip_to_byte(static_cast<int>(rintf(sum)));
}

// Over the values of the fields: x is field * 3 + channel. What source and target differ by.
struct ColourFields {
  float* fields;
  int count;  // per side
  core::ConstImageView source;
  core::ConstImageView target;

  FACEGRAPH_HD void operator()(int x, int y) const {
    fields[static_cast<std::ptrdiff_t>(y) * count * 3 + x] = static_cast<float>(
        field_average(source, count, x / 3, y, x % 3) - field_average(target, count, x / 3, y, x % 3));
  }
};

// Four neighbours on one axis, the second at or before the position.
struct CubicTaps {
  int second;
  std::array<float, 4> weights;
};

FACEGRAPH_HD inline CubicTaps cubic_taps(int position, int in_side, int out_side) {
  constexpr float kA = -0.75F;
  const double scale = 1 / (static_cast<double>(out_side) / in_side);
  const auto exact = static_cast<float>((position + 0.5) * scale - 0.5);
  const float floor_of = floorf(exact);
  const float x = exact - floor_of;
  CubicTaps taps{static_cast<int>(floor_of), {}};
  taps.weights[0] = ((kA * (x + 1) - 5 * kA) * (x + 1) + 8 * kA) * (x + 1) - 4 * kA;
  taps.weights[1] = ((kA + 2) * x - (kA + 3)) * x * x + 1;
  taps.weights[2] = ((kA + 2) * (1 - x) - (kA + 3)) * (1 - x) * (1 - x) + 1;
  taps.weights[3] = 1.0F - taps.weights[0] - taps.weights[1] - taps.weights[2];
  return taps;
}

// Over the target: what the fields say there is added.
struct ShiftPixels {
  core::ImageView out;
  core::ConstImageView target;
  const float* fields;
  int count;

  FACEGRAPH_HD float row_at(const CubicTaps& columns, int row, int channel) const {
    const float* values = fields + static_cast<std::ptrdiff_t>(clamp_index(row, count)) * count * 3 + channel;
    float sum = values[clamp_index(columns.second - 1, count) * 3] * columns.weights[0];
    for (int i = 1; i < 4; ++i) {
      sum += values[clamp_index(columns.second - 1 + i, count) * 3] * columns.weights[i];
    }
    return sum;
  }

  FACEGRAPH_HD void operator()(int x, int y) const {
    const CubicTaps columns = cubic_taps(x, count, out.width);
    const CubicTaps rows = cubic_taps(y, count, out.height);
    const bool is_copy = count == out.width && count == out.height;
    for (int c = 0; c < 3; ++c) {
      float shift = row_at(columns, rows.second + 2, c) * rows.weights[3];
      for (int i = 2; i >= 0; --i) {
        shift = row_at(columns, rows.second - 1 + i, c) * rows.weights[i] + shift;
      }
      if (is_copy) {
        shift = fields[(static_cast<std::ptrdiff_t>(y) * count + x) * 3 + c];
      }
      const float value = static_cast<float>(pixel_at<std::uint8_t>(target, x, y)[c]) + shift;
      pixel_at<std::uint8_t>(out, x, y)[c] =
          static_cast<std::uint8_t>(static_cast<int>(value > 0 ? (value < 255 ? value : 255.0F) : 0.0F));
    }
  }
};

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

// Over the bins, one row per histogram.
struct ClearHistograms {
  LikenessScratch* scratch;

  FACEGRAPH_HD void operator()(int x, int y) const { scratch->histograms[y][x] = 0; }
};

// Over a picture; which: 0 source, 1 target.
struct CountColours {
  core::ConstImageView picture;
  LikenessScratch* scratch;
  int which;

  FACEGRAPH_HD void operator()(int x, int y) const {
    add_to(scratch->histograms[which][colour_bin(pixel_at<std::uint8_t>(picture, x, y))], 1);
  }
};

// A block program, one index: the correlation of the histograms as a likeness, 0..1.
struct CompareColours {
  LikenessScratch* scratch;

  FACEGRAPH_HD LikenessScratch::Sums sums_from(int first) const {
    LikenessScratch::Sums sums{};
    for (int i = first; i < kColourBins; i += LikenessScratch::kParts) {
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

  FACEGRAPH_HD double likeness() const {
    LikenessScratch::Sums sums{};
    for (const LikenessScratch::Sums& part : scratch->parts) {
      sums.source += part.source;
      sums.target += part.target;
      sums.source_squares += part.source_squares;
      sums.target_squares += part.target_squares;
      sums.products += part.products;
    }
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
  FACEGRAPH_HD void operator()(const Block& block, int /*index*/) const {
    block.for_each(LikenessScratch::kParts, [this](int i) { scratch->parts[i] = sums_from(i); });
    block.for_each(1, [this](int) { scratch->likeness = likeness(); });
  }
};

// The target mixed with the matched picture, in place, as far as they are alike.
struct MixAlikePixels {
  core::ImageView matched;
  core::ConstImageView target;
  const double* likeness;

  FACEGRAPH_HD void operator()(int x, int y) const {
    auto* pixel = pixel_at<std::uint8_t>(matched, x, y);
    for (int c = 0; c < 3; ++c) {
      pixel[c] = mixed(pixel_at<std::uint8_t>(target, x, y)[c], pixel[c], *likeness);
    }
  }
};

}  // namespace facegraph::ops
