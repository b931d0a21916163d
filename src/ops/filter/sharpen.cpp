#include "ops/filter/sharpen.hpp"

#include <opencv2/imgproc.hpp>

#include "ops/blend/blend.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

constexpr double kSigma = 2;

}  // namespace

core::Image sharpened(core::ConstImageView picture) {
  core::Image out(picture.size(), picture.channels);
  cv::Mat blurred = as_mat(out.view());
  cv::GaussianBlur(as_mat(picture), blurred, {0, 0}, kSigma);
  blend(out, picture, out, -kSharpenAmount);
  return out;
}

}  // namespace facegraph::ops
