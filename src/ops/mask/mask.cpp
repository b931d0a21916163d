#include "ops/mask/mask.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

constexpr double kFinishSigma = 5;
constexpr double kShrunkSigma = 6.25;

// numpy.clip; NaN becomes `low`.
float clip(float value, float low, float high) {
  return value > low ? (value < high ? value : high) : low;
}

void check_mask(core::ConstImageView mask) {
  if (mask.depth != core::Depth::kF32 || mask.channels != 1 || mask.empty()) {
    core::fail(core::ErrorCode::kFailed, "mask: {}x{} of {} channels, expected one float channel", mask.width,
               mask.height, mask.channels);
  }
}

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
  check_mask(other);
  if (other.size() != mask.size()) {
    core::fail(core::ErrorCode::kFailed, "mask: {}x{} combined with {}x{}, expected equal sizes", mask.width(),
               mask.height(), other.width, other.height);
  }
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
  for_each_value(out, [](float value) { return clip(value, 0, 1); });
  return out;
}

core::Image ones(core::Size size) {
  core::Image out(size, 1, core::Depth::kF32);
  for_each_value(out, [](float) { return 1.0F; });
  return out;
}

// spec: analysis.md 11.3
std::span<const int> points_of(FaceMaskArea area) {
  static constexpr std::array kUpperFace{0,  1,  2,  31, 32, 33, 34, 35, 14, 15, 16,
                                         26, 25, 24, 23, 22, 21, 20, 19, 18, 17};
  static constexpr std::array kLowerFace{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 35, 34, 33, 32, 31};
  static constexpr std::array kMouth{48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67};
  switch (area) {
    case FaceMaskArea::kUpperFace:
      return kUpperFace;
    case FaceMaskArea::kLowerFace:
      return kLowerFace;
    case FaceMaskArea::kMouth:
      return kMouth;
  }
  core::fail(core::ErrorCode::kFailed, "mask: unknown area {}", static_cast<int>(area));
}

// The parser's class of each region, in the order of FaceMaskRegion. spec: analysis.md 11.4
constexpr std::array<int, 10> kRegionClasses{1, 2, 3, 4, 5, 6, 10, 11, 12, 13};

std::vector<bool> wanted_classes(std::size_t count, std::span<const FaceMaskRegion> regions) {
  std::vector<bool> wanted(count, false);
  for (const FaceMaskRegion region : regions) {
    const auto index = static_cast<std::size_t>(kRegionClasses.at(static_cast<std::size_t>(region)));
    if (index < count) {
      wanted[index] = true;
    }
  }
  return wanted;
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
  for_each_value(out, [](float value) { return (clip(value, 0.5F, 1) - 0.5F) * 2; });
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
  std::vector<cv::Point> points;
  for (const FaceMaskArea area : areas) {
    for (const int index : points_of(area)) {
      const core::Point& point = landmark[index];
      if (std::isfinite(point.x) && std::isfinite(point.y)) {
        points.push_back(to_pixel(point));
      }
    }
  }
  if (!points.empty()) {
    std::vector<cv::Point> hull;
    cv::convexHull(points, hull);
    cv::Mat pixels = as_mat(mask.view());
    cv::fillConvexPoly(pixels, hull, cv::Scalar(1.0));
  }
  return finish_mask(mask);
}

core::Image region_mask(core::Size size, std::span<const float> logits, core::Size parser_size,
                        std::span<const FaceMaskRegion> regions) {
  const std::size_t plane = static_cast<std::size_t>(parser_size.width) * parser_size.height;
  if (plane == 0 || logits.empty() || logits.size() % plane != 0) {
    core::fail(core::ErrorCode::kFailed, "region mask: {} logits, expected a multiple of {}x{}", logits.size(),
               parser_size.width, parser_size.height);
  }
  const std::size_t classes = logits.size() / plane;
  const std::vector<bool> wanted = wanted_classes(classes, regions);
  core::Image map(parser_size, 1, core::Depth::kF32);
  std::vector<float> best(parser_size.width);
  for (int y = 0; y < parser_size.height; ++y) {
    const float* values = logits.data() + static_cast<std::size_t>(y) * parser_size.width;
    float* row = map.row<float>(y);
    std::copy_n(values, best.size(), best.begin());
    std::fill_n(row, best.size(), wanted[0] ? 1.0F : 0.0F);
    for (std::size_t index = 1; index < classes; ++index) {
      values += plane;
      const float selected = wanted[index] ? 1.0F : 0.0F;
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

core::Image combine_masks(std::span<const core::Image> masks, core::Size size) {
  core::Image out = ones(size);
  for (const core::Image& mask : masks) {
    keep_minimum(out, mask);
  }
  for_each_value(out, [](float value) { return clip(value, 0, 1); });
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
    std::transform(row, row + mask.width, out.row<std::uint8_t>(y),
                   [](float value) { return static_cast<std::uint8_t>(clip(value, 0, 1) * 255); });
  }
  return out;
}

}  // namespace facegraph::ops
