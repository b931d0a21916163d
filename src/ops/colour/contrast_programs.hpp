// The programs of balance_contrast, in order: ClearLightness, ToLabRows, EqualiseTiles, FromLabPixels. The equalisation
// is OpenCV's CLAHE.
#pragma once

#include "ops/colour/contrast_scratch.hpp"
#include "ops/colour/lab_formula.hpp"
#include "ops/filter/gaussian_pixels.hpp"
#include "ops/gpu/counters.hpp"
#include "ops/gpu/pixels.hpp"

namespace facegraph::ops {

FACEGRAPH_HD inline bool is_dark(const ContrastScratch& scratch, core::Size size) {
  const double pixels = static_cast<double>(size.width) * size.height;
  return scratch.lightness * (1 / pixels) < kDarkLightness;
}

// Tiles of a picture whose sides are no multiples of the number of tiles reach beyond it, into its mirror.
FACEGRAPH_HD inline core::Size contrast_tile(core::Size size) {
  const int columns = size.width % kContrastTiles;
  const int rows = size.height % kContrastTiles;
  const bool fits = columns == 0 && rows == 0;
  return {(size.width + (fits ? 0 : kContrastTiles - columns)) / kContrastTiles,
          (size.height + (fits ? 0 : kContrastTiles - rows)) / kContrastTiles};
}

struct ClearLightness {
  ContrastScratch* scratch;

  FACEGRAPH_HD void operator()(int /*x*/, int /*y*/) const { scratch->lightness = 0; }
};

// A block program over the rows.
struct ToLabRows {
  static constexpr int kSums = 32;

  core::ConstImageView crop;
  core::ImageView lab;
  const LabTables* tables;
  ContrastScratch* scratch;

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int y) const {
    block.for_each(crop.width, [this, y](int x) {
      const auto* from = pixel_at<std::uint8_t>(crop, x, y);
      const LabPixel pixel = to_lab(*tables, {from[0], from[1], from[2]});
      auto* to = pixel_at<std::uint8_t>(lab, x, y);
      to[0] = pixel.lightness;
      to[1] = pixel.a;
      to[2] = pixel.b;
    });
    block.for_each(kSums, [this, y](int first) {
      unsigned sum = 0;
      for (int x = first; x < crop.width; x += kSums) {
        sum += pixel_at<std::uint8_t>(lab, x, y)[0];
      }
      add_to(scratch->lightness, sum);
    });
  }
};

// A block program over the tiles.
struct EqualiseTiles {
  core::ConstImageView lab;
  ContrastScratch* scratch;

  FACEGRAPH_HD void make_levels(int tile, int pixels) const {
    std::array<unsigned, 256>& histogram = scratch->histograms[tile];
    const int wanted = static_cast<int>(kContrastClip * pixels / 256);
    const auto limit = static_cast<unsigned>(wanted < 1 ? 1 : wanted);
    unsigned clipped = 0;
    for (int i = 0; i < 256; ++i) {
      if (histogram[i] > limit) {
        clipped += histogram[i] - limit;
        histogram[i] = limit;
      }
    }
    const unsigned each = clipped / 256;
    unsigned rest = clipped - each * 256;
    const int step = rest == 0 ? 1 : static_cast<int>(256 / rest);
    const float scale = 255.0F / static_cast<float>(pixels);
    unsigned sum = 0;
    for (int i = 0; i < 256; ++i) {
      const bool takes_one = rest > 0 && i % step == 0;
      rest -= takes_one ? 1 : 0;
      sum += histogram[i] + each + (takes_one ? 1 : 0);
      const float level = rintf(static_cast<float>(sum) * scale);
      scratch->levels[tile][i] = static_cast<std::uint8_t>(clip_to_byte(static_cast<int>(level)));
    }
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int tile) const {
    const core::Size size{lab.width, lab.height};
    if (!is_dark(*scratch, size)) {
      return;
    }
    const core::Size side = contrast_tile(size);
    block.for_each(256, [this, tile](int i) { scratch->histograms[tile][i] = 0; });
    block.for_each(side.width * side.height, [this, tile, side, size](int i) {
      const int x = reflect_index(tile % kContrastTiles * side.width + i % side.width, size.width);
      const int y = reflect_index(tile / kContrastTiles * side.height + i / side.width, size.height);
      add_to(scratch->histograms[tile][pixel_at<std::uint8_t>(lab, x, y)[0]], 1);
    });
    block.for_each(1, [this, tile, side](int) { make_levels(tile, side.width * side.height); });
  }
};

struct FromLabPixels {
  core::ImageView crop;
  core::ConstImageView lab;
  const LabTables* tables;
  const ContrastScratch* scratch;

  struct Tiles {
    int first;
    int second;
    float share;  // of the second
  };
  FACEGRAPH_HD static Tiles tiles_at(int position, int side) {
    const float exact = static_cast<float>(position) * (1.0F / static_cast<float>(side)) - 0.5F;
    const auto first = static_cast<int>(floorf(exact));
    return {first < 0 ? 0 : first, first + 1 < kContrastTiles ? first + 1 : kContrastTiles - 1,
            exact - static_cast<float>(first)};
  }

  FACEGRAPH_HD std::uint8_t equalised(int level, int x, int y, core::Size side) const {
    const Tiles columns = tiles_at(x, side.width);
    const Tiles rows = tiles_at(y, side.height);
    const auto value = [&](int row, int column) {
      return static_cast<float>(scratch->levels[row * kContrastTiles + column][level]);
    };
    const float upper =
        value(rows.first, columns.first) * (1 - columns.share) + value(rows.first, columns.second) * columns.share;
    const float lower =
        value(rows.second, columns.first) * (1 - columns.share) + value(rows.second, columns.second) * columns.share;
    return static_cast<std::uint8_t>(
        clip_to_byte(static_cast<int>(rintf(upper * (1 - rows.share) + lower * rows.share))));
  }

  FACEGRAPH_HD void operator()(int x, int y) const {
    const core::Size size{lab.width, lab.height};
    const auto* from = pixel_at<std::uint8_t>(lab, x, y);
    LabPixel pixel{from[0], from[1], from[2]};
    if (is_dark(*scratch, size)) {
      pixel.lightness = equalised(pixel.lightness, x, y, contrast_tile(size));
    }
    const RgbPixel rgb = to_rgb(*tables, pixel);
    auto* to = pixel_at<std::uint8_t>(crop, x, y);
    to[0] = rgb.red;
    to[1] = rgb.green;
    to[2] = rgb.blue;
  }
};

}  // namespace facegraph::ops
