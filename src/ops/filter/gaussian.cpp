#include "ops/filter/gaussian.hpp"

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"

namespace facegraph::ops {

GaussianKernel gaussian_kernel(double sigma) {
  const int width = cvRound(sigma * 8 + 1) | 1;
  GaussianKernel kernel;
  kernel.radius = width / 2;
  if (sigma <= 0 || kernel.radius > GaussianKernel::kMaximumRadius) {
    core::fail(core::ErrorCode::kFailed, "gaussian_kernel: sigma {}, expected a radius of 0..{}", sigma,
               GaussianKernel::kMaximumRadius);
  }
  const cv::Mat weights = cv::getGaussianKernel(width, sigma, CV_32F);
  for (int i = 0; i <= kernel.radius; ++i) {
    kernel.weights[i] = weights.at<float>(kernel.radius + i);
  }
  return kernel;
}

}  // namespace facegraph::ops
