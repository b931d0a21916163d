// The programs of masks. Planes are f32, one channel; out, rows and in have one size.
#pragma once

#include <array>

#include "core/types/image.hpp"
#include "ops/filter/gaussian_pixels.hpp"
#include "ops/geometry/linear_sampler.hpp"
#include "ops/gpu/pixels.hpp"
#include "ops/mask/area_rows.hpp"
#include "ops/mask/mask_formula.hpp"

namespace facegraph::ops {

// What a blur reads of a mask: a plane as it is or clipped, or an area.
struct MaskValues {
  core::ConstImageView in;

  FACEGRAPH_HD float operator()(int x, int y) const { return *pixel_at<float>(in, x, y); }
};
struct ClippedValues {
  core::ConstImageView in;

  FACEGRAPH_HD float operator()(int x, int y) const { return clip_to_unit(*pixel_at<float>(in, x, y)); }
};
struct AreaValues {
  AreaRows area;

  FACEGRAPH_HD float operator()(int x, int y) const {
    return x >= area.rows[y].first && x <= area.rows[y].last ? 1.0F : 0.0F;
  }
};

// First half of a blur.
template <typename Values>
struct BlurMaskRows {
  core::ImageView rows;
  Values values;
  GaussianKernel kernel;

  FACEGRAPH_HD void operator()(int x, int y) const {
    *pixel_at<float>(rows, x, y) = blurred_in_row(kernel, rows.width, x, y, values);
  }
};

// Second half, and the stretch of the common finish.
struct BlurMaskColumns {
  core::ImageView out;
  core::ConstImageView rows;
  GaussianKernel kernel;
  bool is_stretched;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const float value = blurred_in_column(kernel, rows, x, y);
    *pixel_at<float>(out, x, y) = is_stretched ? stretched(value) : value;
  }
};

// An occluder's output of any size, clipped and resized; the minimum with what stands in `out` unless it is the first.
struct OccluderPixels {
  core::ImageView out;
  core::ConstImageView occluder;
  bool is_first;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const auto read = [this](int i, int j) { return clip_to_unit(*pixel_at<float>(occluder, i, j)); };
    const float value = LinearSampler(x, y, {occluder.width, occluder.height}, {out.width, out.height}).at(read);
    float* pixel = pixel_at<float>(out, x, y);
    const float other = is_first ? 1 : *pixel;
    *pixel = value < other ? value : other;
  }
};

// The parser's map: 1 where the highest class (the first of equal ones) is wanted.
struct RegionPixels {
  core::ImageView map;
  const float* logits;  // [classes, map.height, map.width]
  int classes;
  std::uint32_t wanted;

  FACEGRAPH_HD void operator()(int x, int y) const {
    const auto plane = static_cast<std::ptrdiff_t>(map.width) * map.height;
    const float* value = logits + static_cast<std::ptrdiff_t>(y) * map.width + x;
    float best = *value;
    int highest = 0;
    for (int i = 1; i < classes; ++i) {
      value += plane;
      highest = *value > best ? i : highest;
      best = *value > best ? *value : best;
    }
    *pixel_at<float>(map, x, y) = is_wanted(wanted, highest) ? 1.0F : 0.0F;
  }
};

// The minimum of some masks.
struct CombinedMasks {
  static constexpr int kMaximumMasks = 8;

  std::array<core::ConstImageView, kMaximumMasks> masks;
  int count;

  FACEGRAPH_HD float at(int x, int y) const {
    float least = 1;
    for (int i = 0; i < count; ++i) {
      least = lesser(*pixel_at<float>(masks[i], x, y), least);
    }
    return clip_to_unit(least);
  }

  // NaN is no value.
  FACEGRAPH_HD static float lesser(float value, float least) { return value < least ? value : least; }
};

struct CombinePixels {
  core::ImageView out;
  CombinedMasks in;

  FACEGRAPH_HD void operator()(int x, int y) const { *pixel_at<float>(out, x, y) = in.at(x, y); }
};

// Twice the least of a pixel and its four neighbours: the least within two steps. A place beyond the border stands for
// the one on it, which is no more steps away.
struct ErodePixels {
  core::ImageView out;
  CombinedMasks in;

  FACEGRAPH_HD void operator()(int x, int y) const {
    float least = 1;
    for (int i = 0; i < in.count; ++i) {
      const core::ConstImageView mask = in.masks[i];
      for (int dy = -2; dy <= 2; ++dy) {
        const int row = clamp_index(y + dy, out.height);
        const int reach = 2 - (dy < 0 ? -dy : dy);
        for (int dx = -reach; dx <= reach; ++dx) {
          least = CombinedMasks::lesser(*pixel_at<float>(mask, clamp_index(x + dx, out.width), row), least);
        }
      }
    }
    *pixel_at<float>(out, x, y) = clip_to_unit(least);
  }
};

struct QuantisePixels {
  core::ImageView out;
  core::ConstImageView in;

  FACEGRAPH_HD void operator()(int x, int y) const {
    *pixel_at<std::uint8_t>(out, x, y) = quantise(*pixel_at<float>(in, x, y));
  }
};

}  // namespace facegraph::ops
