#include "ops/draw/draw.hpp"

#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

cv::Scalar as_scalar(Colour colour) {
  return {double(colour.blue), double(colour.green), double(colour.red)};
}

bool is_finite(core::Point point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

}  // namespace

void draw_line(core::ImageView frame, core::Point from, core::Point to, Colour colour, int thickness) {
  if (is_finite(from) && is_finite(to)) {
    cv::line(as_mat(frame), to_pixel(from), to_pixel(to), as_scalar(colour), thickness);
  }
}

void draw_rectangle(core::ImageView frame, const core::BoundingBox& box, Colour colour, int thickness) {
  const core::Point from{box.x1, box.y1};
  const core::Point to{box.x2, box.y2};
  if (is_finite(from) && is_finite(to)) {
    cv::rectangle(as_mat(frame), to_pixel(from), to_pixel(to), as_scalar(colour), thickness);
  }
}

void draw_disc(core::ImageView frame, core::Point centre, int radius, Colour colour) {
  if (is_finite(centre)) {
    cv::circle(as_mat(frame), to_pixel(centre), radius, as_scalar(colour), cv::FILLED);
  }
}

void draw_contours(core::ImageView frame, core::ConstImageView mask, int level, Colour colour, int thickness) {
  if (mask.size() != frame.size() || mask.channels != 1 || mask.depth != core::Depth::kU8) {
    core::fail(core::ErrorCode::kFailed, "contours: mask of {}x{} and {} channels, expected {}x{} and one of 8 bits",
               mask.width, mask.height, mask.channels, frame.width, frame.height);
  }
  cv::Mat regions;
  cv::threshold(as_mat(mask), regions, level, 255, cv::THRESH_BINARY);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(regions, contours, cv::RETR_LIST, cv::CHAIN_APPROX_NONE);
  constexpr int kAll = -1;
  cv::drawContours(as_mat(frame), contours, kAll, as_scalar(colour), thickness);
}

}  // namespace facegraph::ops
