#include "ops/blend/blend.hpp"

#include <opencv2/core.hpp>

#include "ops/blend/blend_checks.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

void blend(core::ImageView out, core::ConstImageView below, core::ConstImageView above, double share) {
  check_blend(out, below, above);
  cv::Mat mix = as_mat(out);
  cv::addWeighted(as_mat(below), 1 - share, as_mat(above), share, 0, mix);
}

}  // namespace facegraph::ops
