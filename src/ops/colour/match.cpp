#include "ops/colour/match.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "ops/blend/blend.hpp"
#include "ops/colour/match_checks.hpp"
#include "ops/colour/match_scratch.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

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
  const std::array bins{kHueBins, kSaturationBins};
  const std::array<float, 2> hues{0, 180};
  const std::array<float, 2> saturations{0, 256};
  std::array<const float*, 2> ranges{hues.data(), saturations.data()};
  cv::Mat result;
  cv::calcHist(&hsv, 1, channels.data(), cv::noArray(), result, 2, bins.data(), ranges.data());
  return result;
}

}  // namespace

core::Image equalise_colour(core::ConstImageView source, core::ConstImageView target, int size) {
  check_match_picture(source);
  check_match_picture(target);
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

core::Image match_colour(core::ConstImageView source, core::ConstImageView target) {
  core::Image matched;
  for (const int size : match_steps(target.height)) {
    matched = equalise_colour(matched.empty() ? source : std::as_const(matched).view(), target, size);
  }
  return matched;
}

double colour_likeness(core::ConstImageView source, core::ConstImageView target) {
  check_match_picture(source);
  check_match_picture(target);
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
