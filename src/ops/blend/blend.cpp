#include "ops/blend/blend.hpp"

#include <opencv2/core.hpp>

#include "core/base/error.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

void blend(core::ImageView out, core::ConstImageView below, core::ConstImageView above, double share) {
  const auto fits = [&](core::ConstImageView picture) {
    return picture.depth == core::Depth::kU8 && picture.size() == out.size() && picture.channels == out.channels;
  };
  if (out.depth != core::Depth::kU8 || !fits(below) || !fits(above)) {
    core::fail(core::ErrorCode::kFailed, "blend: pictures {}x{}x{} and {}x{}x{}, expected two of 8 bits and {}x{}x{}",
               below.width, below.height, below.channels, above.width, above.height, above.channels, out.width,
               out.height, out.channels);
  }
  cv::Mat mixed = as_mat(out);
  cv::addWeighted(as_mat(below), 1 - share, as_mat(above), share, 0, mixed);
}

}  // namespace facegraph::ops
