#include "ops/mask/mask.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/mask/area_rows.hpp"
#include "ops/mask/mask_checks.hpp"
#include "ops/mask/mask_formula.hpp"
#include "ops/mask/mask_tables.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

template <typename Function>
void for_each_value(core::Image& mask, Function function) {
  for (int y = 0; y < mask.height(); ++y) {
    float* row = mask.row<float>(y);
    for (int x = 0; x < mask.width(); ++x) {
      row[x] = function(row[x]);
    }
  }
}

void keep_minimum(core::Image& mask, core::ConstImageView other) {
  check_mask_size(other, mask.size());
  for (int y = 0; y < mask.height(); ++y) {
    float* row = mask.row<float>(y);
    const float* other_row = other.row<float>(y);
    for (int x = 0; x < mask.width(); ++x) {
      row[x] = std::min(row[x], other_row[x]);
    }
  }
}

core::Image clipped(core::ConstImageView mask) {
  check_mask(mask);
  core::Image out = core::Image::copy_of(mask);
  for_each_value(out, clip_to_unit);
  return out;
}

core::Image ones(core::Size size) {
  core::Image out(size, 1, core::Depth::kF32);
  for_each_value(out, [](float) { return 1.0F; });
  return out;
}

// 1 within the hull of the areas' landmarks.
void fill_area(core::ImageView mask, const core::Landmark68& landmark, std::span<const FaceMaskArea> areas) {
  std::vector<cv::Point> points;
  const AreaPoints chosen = points_of(areas);
  for (int i = 0; i < chosen.count; ++i) {
    const core::Point& point = landmark[chosen.indices[i]];
    if (std::isfinite(point.x) && std::isfinite(point.y)) {
      points.push_back(to_pixel(point));
    }
  }
  if (!points.empty()) {
    std::vector<cv::Point> hull;
    cv::convexHull(points, hull);
    cv::Mat pixels = as_mat(mask);
    cv::fillConvexPoly(pixels, hull, cv::Scalar(1.0));
  }
}

}  // namespace

core::Image box_mask(core::Size size, double blur, std::array<int, 4> padding) {
  const auto [w, h] = size;
  const int blur_amount = static_cast<int>(w * 0.5 * blur);
  const int edge = std::max(blur_amount / 2, 1);
  const auto band = [edge](int side, int percent) {
    return std::min(std::max(edge, static_cast<int>(side * percent / 100.0)), side);
  };
  const int top = band(h, padding[0]);
  const int right = band(w, padding[1]);
  const int bottom = band(h, padding[2]);
  const int left = band(w, padding[3]);
  core::Image mask = core::Image::zeros(w, h, 1, core::Depth::kF32);
  for (int y = top; y < h - bottom; ++y) {
    float* row = mask.row<float>(y);
    std::fill(row + std::min(left, w - right), row + (w - right), 1.0F);
  }
  if (blur_amount > 0) {
    cv::Mat pixels = as_mat(mask.view());
    cv::GaussianBlur(pixels, pixels, {0, 0}, blur_amount * 0.25);
  }
  return mask;
}

core::Image finish_mask(core::ConstImageView mask) {
  core::Image out = clipped(mask);
  cv::Mat pixels = as_mat(out.view());
  cv::GaussianBlur(pixels, pixels, {0, 0}, kFinishSigma);
  for_each_value(out, stretched);
  return out;
}

core::Image occlusion_mask(std::span<const core::ConstImageView> outputs, core::Size size) {
  if (outputs.empty()) {
    core::fail(core::ErrorCode::kFailed, "occlusion mask: no occluder output, expected at least one");
  }
  core::Image mask = ones(size);
  core::Image resized(size, 1, core::Depth::kF32);
  for (const core::ConstImageView output : outputs) {
    resize(resized, clipped(output));
    keep_minimum(mask, resized);
  }
  return finish_mask(mask);
}

core::Image area_mask(core::Size size, const core::Landmark68& landmark, std::span<const FaceMaskArea> areas) {
  core::Image mask = core::Image::zeros(size.width, size.height, 1, core::Depth::kF32);
  fill_area(mask, landmark, areas);
  return finish_mask(mask);
}

AreaRows area_rows(core::Size size, const core::Landmark68& landmark, std::span<const FaceMaskArea> areas) {
  if (std::max(size.width, size.height) > AreaRows::kMost) {
    core::fail(core::ErrorCode::kFailed, "area mask: {}x{}, expected at most {} pixels a side", size.width, size.height,
               AreaRows::kMost);
  }
  core::Image mask = core::Image::zeros(size.width, size.height, 1);
  fill_area(mask, landmark, areas);
  AreaRows area;
  for (int y = 0; y < size.height; ++y) {
    const auto* row = mask.row<std::uint8_t>(y);
    const auto* begin = static_cast<const std::uint8_t*>(std::memchr(row, 1, static_cast<std::size_t>(size.width)));
    const auto first = static_cast<int>(begin == nullptr ? 0 : begin - row);
    const int count =
        begin == nullptr ? 0 : cv::countNonZero(as_mat(mask.view().crop(first, y, size.width - first, 1)));
    area.rows[y] = {static_cast<std::int16_t>(first), static_cast<std::int16_t>(first + count - 1)};
  }
  return area;
}

core::Image region_mask(core::Size size, std::span<const float> logits, core::Size parser_size,
                        std::span<const FaceMaskRegion> regions) {
  const std::size_t plane = static_cast<std::size_t>(parser_size.width) * parser_size.height;
  const std::size_t classes = check_logits(logits.size(), parser_size);
  const std::uint32_t wanted = wanted_classes(regions);
  core::Image map(parser_size, 1, core::Depth::kF32);
  std::vector<float> best(parser_size.width);
  for (int y = 0; y < parser_size.height; ++y) {
    const float* values = logits.data() + static_cast<std::size_t>(y) * parser_size.width;
    float* row = map.row<float>(y);
    std::copy_n(values, best.size(), best.begin());
    std::fill_n(row, best.size(), is_wanted(wanted, 0) ? 1.0F : 0.0F);
    for (std::size_t index = 1; index < classes; ++index) {
      values += plane;
      const float selected = is_wanted(wanted, index) ? 1.0F : 0.0F;
      for (std::size_t x = 0; x < best.size(); ++x) {
        const bool is_better = values[x] > best[x];
        row[x] = is_better ? selected : row[x];
        best[x] = is_better ? values[x] : best[x];
      }
    }
  }
  core::Image mask(size, 1, core::Depth::kF32);
  resize(mask, map);
  return finish_mask(mask);
}

core::Image combine_masks(std::span<const core::ConstImageView> masks, core::Size size) {
  core::Image out = ones(size);
  for (const core::ConstImageView& mask : masks) {
    keep_minimum(out, mask);
  }
  for_each_value(out, clip_to_unit);
  return out;
}

core::Image shrunk_mask(core::ConstImageView mask) {
  check_mask(mask);
  core::Image out(mask.size(), 1, core::Depth::kF32);
  cv::Mat pixels = as_mat(out.view());
  const cv::Mat cross = cv::getStructuringElement(cv::MORPH_CROSS, {3, 3});
  cv::erode(as_mat(mask), pixels, cross, {-1, -1}, 2);
  cv::GaussianBlur(pixels, pixels, {0, 0}, kShrunkSigma);
  return out;
}

core::Image quantised(core::ConstImageView mask) {
  check_mask(mask);
  core::Image out(mask.size(), 1);
  for (int y = 0; y < mask.height; ++y) {
    const float* row = mask.row<float>(y);
    std::transform(row, row + mask.width, out.row<std::uint8_t>(y), quantise);
  }
  return out;
}

}  // namespace facegraph::ops
