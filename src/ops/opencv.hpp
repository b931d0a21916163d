// Our views as cv::Mat headers over the same pixels, our points as cv::Point. Included by CPU halves of ops and by
// media/image only (tools/check_layers).
#pragma once

#include <algorithm>

#include <opencv2/core/mat.hpp>

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

inline int cv_type(core::Depth depth, int channels) {
  const int cv_depth = depth == core::Depth::kU8 ? CV_8U : depth == core::Depth::kF32 ? CV_32F : CV_64F;
  return CV_MAKETYPE(cv_depth, channels);
}

inline cv::Mat as_mat(core::ImageView view) {
  return {view.height, view.width, cv_type(view.depth, view.channels), view.data,
          static_cast<std::size_t>(view.stride)};
}

// OpenCV has no const Mat header; the callee must not write.
inline cv::Mat as_mat(core::ConstImageView view) {
  return {view.height, view.width, cv_type(view.depth, view.channels), const_cast<std::byte*>(view.data),
          static_cast<std::size_t>(view.stride)};
}

// A finite point, cut towards zero. What lies beyond any picture is moved in to where integer drawing does not
// overflow.
inline cv::Point to_pixel(core::Point point) {
  constexpr double kFarAway = 1 << 20;
  return {static_cast<int>(std::clamp(point.x, -kFarAway, kFarAway)),
          static_cast<int>(std::clamp(point.y, -kFarAway, kFarAway))};
}

}  // namespace facegraph::ops
