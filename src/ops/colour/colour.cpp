#include "ops/colour/colour.hpp"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "ops/colour/colour_checks.hpp"
#include "ops/colour/contrast_scratch.hpp"
#include "ops/colour/lab.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

void balance_contrast(core::ImageView crop) {
  check_contrast(crop);
  prepare_lab_tables();
  cv::Mat pixels = as_mat(crop);
  cv::Mat lab;
  cv::cvtColor(pixels, lab, cv::COLOR_RGB2Lab);
  if (cv::mean(lab)[0] < kDarkLightness) {
    cv::Mat lightness;
    cv::extractChannel(lab, lightness, 0);
    cv::createCLAHE(kContrastClip, {kContrastTiles, kContrastTiles})->apply(lightness, lightness);
    cv::insertChannel(lightness, lab, 0);
  }
  cv::cvtColor(lab, pixels, cv::COLOR_Lab2RGB);
}

core::Image first_three_channels(core::ConstImageView frame) {
  check_alpha_frame(frame);
  if (frame.channels == 3) {
    return core::Image::copy_of(frame);
  }
  core::Image out(frame.width, frame.height, 3);
  for (int y = 0; y < frame.height; ++y) {
    const auto* from = frame.row<std::uint8_t>(y);
    auto* to = out.row<std::uint8_t>(y);
    for (int x = 0; x < frame.width; ++x) {
      std::copy_n(from + 4 * x, 3, to + 3 * x);
    }
  }
  return out;
}

core::Image extract_alpha(core::ConstImageView frame) {
  check_alpha_frame(frame);
  core::Image alpha(frame.width, frame.height, 1);
  for (int y = 0; y < frame.height; ++y) {
    const auto* from = frame.row<std::uint8_t>(y);
    auto* to = alpha.row<std::uint8_t>(y);
    for (int x = 0; x < frame.width; ++x) {
      to[x] = frame.channels == 4 ? from[4 * x + 3] : 255;
    }
  }
  return alpha;
}

core::Image merge_alpha(core::ConstImageView frame, core::ConstImageView mask) {
  check_alpha_mask(frame, mask);
  bool is_opaque = true;
  for (int y = 0; y < mask.height && is_opaque; ++y) {
    const auto* row = mask.row<std::uint8_t>(y);
    is_opaque = std::all_of(row, row + mask.width, [](std::uint8_t alpha) { return alpha == 255; });
  }
  if (is_opaque) {
    return first_three_channels(frame);
  }
  core::Image out(frame.width, frame.height, 4);
  for (int y = 0; y < frame.height; ++y) {
    const auto* from = frame.row<std::uint8_t>(y);
    const auto* alpha = mask.row<std::uint8_t>(y);
    auto* to = out.row<std::uint8_t>(y);
    for (int x = 0; x < frame.width; ++x) {
      std::copy_n(from + frame.channels * x, 3, to + 4 * x);
      to[4 * x + 3] = alpha[x];
    }
  }
  return out;
}

}  // namespace facegraph::ops
