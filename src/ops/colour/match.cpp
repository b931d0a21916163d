#include "ops/colour/match.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/blend/blend.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

constexpr int kCoarsest = 16;

void check_picture(core::ConstImageView picture) {
  if (picture.depth != core::Depth::kU8 || picture.channels != 3 || picture.empty()) {
    core::fail(core::ErrorCode::kFailed, "colour match: picture {}x{} of {} channels, expected 8 bits and 3 channels",
               picture.width, picture.height, picture.channels);
  }
}

cv::Mat averaged(core::ConstImageView picture, int size) {
  cv::Mat small;
  cv::resize(as_mat(picture), small, {size, size}, 0, 0, cv::INTER_AREA);
  cv::Mat values;
  small.convertTo(values, CV_32F);
  return values;
}

cv::Mat histogram(core::ConstImageView picture) {
  cv::Mat hsv;
  cv::cvtColor(as_mat(picture), hsv, cv::COLOR_BGR2HSV);
  const std::array channels{0, 1};
  const std::array bins{50, 60};
  const std::array<float, 2> hues{0, 180};
  const std::array<float, 2> saturations{0, 256};
  std::array<const float*, 2> ranges{hues.data(), saturations.data()};
  cv::Mat result;
  cv::calcHist(&hsv, 1, channels.data(), cv::noArray(), result, 2, bins.data(), ranges.data());
  return result;
}

}  // namespace

core::Image equalise_colour(core::ConstImageView source, core::ConstImageView target, int size) {
  check_picture(source);
  check_picture(target);
  const cv::Mat fields = averaged(source, size) - averaged(target, size);
  cv::Mat shift;
  cv::resize(fields, shift, {target.width, target.height}, 0, 0, cv::INTER_CUBIC);
  core::Image out(target.size(), 3);
  for (int y = 0; y < target.height; ++y) {
    const auto* values = target.row<std::uint8_t>(y);
    const auto* shifts = shift.ptr<float>(y);
    auto* row = out.row<std::uint8_t>(y);
    for (int i = 0; i < target.width * 3; ++i) {
      row[i] = static_cast<std::uint8_t>(std::clamp(static_cast<float>(values[i]) + shifts[i], 0.0F, 255.0F));
    }
  }
  return out;
}

// The reference goes on to fields of one pixel, which changes nothing.
core::Image match_colour(core::ConstImageView source, core::ConstImageView target) {
  core::Image matched;
  for (int step = 0; step < 3; ++step) {
    const double size = kCoarsest + step * (target.height - kCoarsest) / 3.0;
    const core::ConstImageView colours = step == 0 ? source : matched.view();
    matched = equalise_colour(colours, target, 2 * static_cast<int>(std::nearbyint(size / 2)));
  }
  return matched;
}

double colour_likeness(core::ConstImageView source, core::ConstImageView target) {
  check_picture(source);
  check_picture(target);
  const double correlation = cv::compareHist(histogram(source), histogram(target), cv::HISTCMP_CORREL);
  return std::clamp((correlation + 1) / 2, 0.0, 1.0);
}

core::Image match_alike_colour(core::ConstImageView source, core::ConstImageView target) {
  const double share = colour_likeness(source, target);
  core::Image matched = match_colour(source, target);
  blend(matched, target, matched, share);
  return matched;
}

}  // namespace facegraph::ops
