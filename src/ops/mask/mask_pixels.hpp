// The programs of masks. Planes are f32, one channel; out, rows and in have one size.
#pragma once

#include <array>

#include "core/types/face.hpp"
#include "ops/filter/gaussian_pixels.hpp"
#include "ops/geometry/linear_sampler.hpp"
#include "ops/gpu/pixels.hpp"
#include "ops/mask/hull.hpp"
#include "ops/mask/mask_formula.hpp"
#include "ops/mask/mask_tables.hpp"

namespace facegraph::ops {

// First half of a blur, of the mask clipped or as it is.
struct BlurMaskRows {
  core::ImageView rows;
  core::ConstImageView in;
  GaussianKernel kernel;
  bool is_clipped;

  FACEGRAPH_HD void operator()(int x, int y) const {
    *pixel_at<float>(rows, x, y) = blurred_in_row(kernel, in.width, x, y, [this](int i, int j) {
      const float value = *pixel_at<float>(in, i, j);
      return is_clipped ? clip_to_unit(value) : value;
    });
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

// A block program, one index: the hull of the chosen landmarks, then the rows that it covers.
struct FindAreaRows {
  const core::Landmark68* landmark;
  AreaPoints chosen;
  core::Size size;
  Hull* hull;
  HullRow* rows;

  FACEGRAPH_HD void wrap() const {
    std::array<HullPoint, 68> points{};
    int count = 0;
    for (int i = 0; i < chosen.count; ++i) {
      const core::Point& point = (*landmark)[chosen.indices[i]];
      if (std::isfinite(point.x) && std::isfinite(point.y)) {
        points[count++] = hull_point(point);
      }
    }
    wrap_hull(points.data(), count, *hull);
  }

  template <typename Block>
  FACEGRAPH_HD void operator()(const Block& block, int /*index*/) const {
    block.for_each(1, [this](int) { wrap(); });
    block.for_each(size.height, [this](int y) { rows[y] = hull_row(*hull, y, size); });
    block.for_each(hull->count, [this](int i) {
      add_line(rows, size, hull->points[(i + hull->count - 1) % hull->count], hull->points[i]);
    });
  }
};

struct AreaPixels {
  core::ImageView out;
  const HullRow* rows;

  FACEGRAPH_HD void operator()(int x, int y) const {
    *pixel_at<float>(out, x, y) = x >= rows[y].first && x <= rows[y].last ? 1.0F : 0.0F;
  }
};

// The clipped minimum of some masks.
struct CombinePixels {
  static constexpr int kMaximumMasks = 8;

  core::ImageView out;
  std::array<core::ConstImageView, kMaximumMasks> masks;
  int count;

  FACEGRAPH_HD void operator()(int x, int y) const {
    float least = 1;
    for (int i = 0; i < count; ++i) {
      const float value = *pixel_at<float>(masks[i], x, y);
      least = value < least ? value : least;
    }
    *pixel_at<float>(out, x, y) = clip_to_unit(least);
  }
};

// Twice the least of a pixel and its four neighbours: the least within two steps.
struct ErodePixels {
  core::ImageView out;
  core::ConstImageView in;

  FACEGRAPH_HD void operator()(int x, int y) const {
    float least = *pixel_at<float>(in, x, y);
    for (int dy = -2; dy <= 2; ++dy) {
      const int reach = 2 - (dy < 0 ? -dy : dy);
      for (int dx = -reach; dx <= reach; ++dx) {
        if (x + dx >= 0 && x + dx < in.width && y + dy >= 0 && y + dy < in.height) {
          const float value = *pixel_at<float>(in, x + dx, y + dy);
          least = value < least ? value : least;
        }
      }
    }
    *pixel_at<float>(out, x, y) = least;
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
