#include "ops/blend/paste_back.hpp"

#include <algorithm>
#include <vector>

#include "ops/blend/blend_checks.hpp"
#include "ops/blend/paste_formula.hpp"
#include "ops/clones.hpp"
#include "ops/geometry/row_sampler.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = 3;

template <typename Real, typename T>
FACEGRAPH_CLONES void blend(std::uint8_t* frame, const T* crop, const float* mask, int count) {
  for (int i = 0; i < count; ++i) {
    frame[i] = pasted(frame[i], static_cast<Real>(crop[i]), mask[i]);
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
  return paste_area_of(frame, crop, matrix);
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
  check_boost_tile(crop, tile, factor, a, b);
  for_each_pixel(crop, tile, factor, a, b,
                 [](const std::byte* from, std::byte* to, std::size_t bytes) { std::copy_n(from, bytes, to); });
}

void explode_tile(core::ImageView crop, core::ConstImageView tile, int factor, int a, int b) {
  check_boost_tile(crop, tile, factor, a, b);
  for_each_pixel(crop, tile, factor, a, b,
                 [](std::byte* to, const std::byte* from, std::size_t bytes) { std::copy_n(from, bytes, to); });
}

}  // namespace facegraph::ops
