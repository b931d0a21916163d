#include "ops/blend/paste_back.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/error.hpp"
#include "ops/clones.hpp"
#include "ops/geometry/affine.hpp"
#include "ops/geometry/row_sampler.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = 3;

// NaN becomes 0, so that a broken matrix gives an empty area.
int clip_to_side(double value, int side) {
  return value > 0 ? static_cast<int>(std::min(value, static_cast<double>(side))) : 0;
}

float clip_to_one(float value) {
  return value > 0 ? (value < 1 ? value : 1) : 0;
}

// frame * (1 - mask) is float32 for every crop type; a double crop makes the rest double. The cast truncates.
template <typename Real, typename T>
FACEGRAPH_CLONES void blend(std::uint8_t* frame, const T* crop, const float* mask, int count) {
  for (int i = 0; i < count; ++i) {
    const float kept = static_cast<float>(frame[i]) * (1 - mask[i]);
    const Real sum = static_cast<Real>(kept) + static_cast<Real>(crop[i]) * static_cast<Real>(mask[i]);
    frame[i] = static_cast<std::uint8_t>(static_cast<int>(sum));
  }
}

// The mask is warped first: where it is 0 the frame keeps its value, so only the span between its first and last other
// pixel is sampled from the crop and blended.
template <typename T>
void paste_rows(core::ImageView area, core::ConstImageView crop, core::ConstImageView mask,
                const core::Affine& matrix) {
  using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
  const RowSampler<float, 1> mask_sampler(mask, matrix, Border::kConstant);
  const RowSampler<T, kChannels> crop_sampler(crop, matrix, Border::kReplicate);
  const auto width = static_cast<std::size_t>(area.width);
  std::vector<float> weights(width);
  std::vector<float> channel_weights(width * kChannels);
  std::vector<T> pixels(width * kChannels);
  for (int y = 0; y < area.height; ++y) {
    mask_sampler.sample(weights.data(), y, 0, area.width);
    std::transform(weights.begin(), weights.end(), weights.begin(), clip_to_one);
    const auto is_seen = [](float weight) { return weight != 0; };
    const auto first = std::find_if(weights.begin(), weights.end(), is_seen);
    const auto last = std::find_if(weights.rbegin(), std::make_reverse_iterator(first), is_seen).base();
    const int begin = static_cast<int>(first - weights.begin());
    const int count = static_cast<int>(last - first);
    for (int i = 0; i < count; ++i) {
      std::fill_n(channel_weights.data() + i * kChannels, kChannels, first[i]);
    }
    crop_sampler.sample(pixels.data(), y, begin, begin + count);
    blend<Real>(area.row<std::uint8_t>(y) + begin * kChannels, pixels.data(), channel_weights.data(),
                count * kChannels);
  }
}

void check_paste(core::ConstImageView frame, core::ConstImageView crop, core::ConstImageView mask) {
  if (frame.depth != core::Depth::kU8 || frame.channels != kChannels || crop.channels != kChannels) {
    core::fail(core::ErrorCode::kFailed,
               "paste_back: frame of {} channels and crop of {}, expected an 8-bit frame and 3 channels",
               frame.channels, crop.channels);
  }
  if (crop.empty() || mask.depth != core::Depth::kF32 || mask.channels != 1 || mask.size() != crop.size()) {
    core::fail(core::ErrorCode::kFailed,
               "paste_back: crop {}x{} and mask {}x{} of {} channels, expected a float mask of the crop's size",
               crop.width, crop.height, mask.width, mask.height, mask.channels);
  }
}

void check_tile(core::ConstImageView crop, core::ConstImageView tile, int factor, int a, int b) {
  const bool fits = factor > 0 && crop.width == tile.width * factor && crop.height == tile.height * factor;
  const bool is_phase = a >= 0 && b >= 0 && a < factor && b < factor;
  if (!fits || !is_phase || crop.channels != tile.channels || crop.depth != tile.depth) {
    core::fail(core::ErrorCode::kFailed,
               "pixel boost: tile ({}, {}) of {}x{} and crop of {}x{}, expected a crop of {} times the tile's size", a,
               b, tile.width, tile.height, crop.width, crop.height, factor);
  }
}

// Calls copy_pixel(crop_pixel, tile_pixel, bytes) for every pixel of the tile.
template <typename CropView, typename TileView, typename Copy>
void for_each_pixel(CropView crop, TileView tile, int factor, int a, int b, Copy copy_pixel) {
  const std::size_t bytes = tile.channels * core::bytes_of(tile.depth);
  for (int i = 0; i < tile.height; ++i) {
    auto* crop_pixel = crop.template row<std::byte>(i * factor + a) + static_cast<std::size_t>(b) * bytes;
    auto* tile_pixel = tile.template row<std::byte>(i);
    for (int j = 0; j < tile.width; ++j) {
      copy_pixel(crop_pixel, tile_pixel, bytes);
      crop_pixel += static_cast<std::size_t>(factor) * bytes;
      tile_pixel += bytes;
    }
  }
}

}  // namespace

PasteArea paste_area(core::Size frame, core::Size crop, const core::Affine& matrix) {
  PasteArea area;
  area.matrix = invert(matrix);
  const double w = crop.width;
  const double h = crop.height;
  const std::array<core::Point, 4> corners{transform(area.matrix, {0, 0}), transform(area.matrix, {w, 0}),
                                           transform(area.matrix, {w, h}), transform(area.matrix, {0, h})};
  const auto [left, right] = std::minmax({corners[0].x, corners[1].x, corners[2].x, corners[3].x});
  const auto [top, bottom] = std::minmax({corners[0].y, corners[1].y, corners[2].y, corners[3].y});
  // Rounding (half to even) is monotonic, so the extremes may be taken first.
  area.x1 = clip_to_side(std::nearbyint(left), frame.width);
  area.y1 = clip_to_side(std::nearbyint(top), frame.height);
  area.x2 = clip_to_side(std::nearbyint(right), frame.width);
  area.y2 = clip_to_side(std::nearbyint(bottom), frame.height);
  area.matrix.m[2] -= area.x1;
  area.matrix.m[5] -= area.y1;
  return area;
}

void paste_back(core::ImageView frame, core::ConstImageView crop, core::ConstImageView mask,
                const core::Affine& matrix) {
  check_paste(frame, crop, mask);
  const PasteArea area = paste_area(frame.size(), crop.size(), matrix);
  if (area.empty()) {
    return;
  }
  const core::ImageView target = frame.crop(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
  switch (crop.depth) {
    case core::Depth::kU8:
      return paste_rows<std::uint8_t>(target, crop, mask, area.matrix);
    case core::Depth::kF32:
      return paste_rows<float>(target, crop, mask, area.matrix);
    case core::Depth::kF64:
      return paste_rows<double>(target, crop, mask, area.matrix);
  }
}

void implode_tile(core::ImageView tile, core::ConstImageView crop, int factor, int a, int b) {
  check_tile(crop, tile, factor, a, b);
  for_each_pixel(crop, tile, factor, a, b,
                 [](const std::byte* from, std::byte* to, std::size_t bytes) { std::copy_n(from, bytes, to); });
}

void explode_tile(core::ImageView crop, core::ConstImageView tile, int factor, int a, int b) {
  check_tile(crop, tile, factor, a, b);
  for_each_pixel(crop, tile, factor, a, b,
                 [](std::byte* to, const std::byte* from, std::size_t bytes) { std::copy_n(from, bytes, to); });
}

}  // namespace facegraph::ops
