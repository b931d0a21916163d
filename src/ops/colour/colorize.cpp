#include "ops/colour/colorize.hpp"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "ops/colour/colorize_checks.hpp"
#include "ops/colour/colorize_pixels.hpp"
#include "ops/colour/lab.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

constexpr int kChannels = 3;
constexpr int kStripRows = 16;  // of a frame that are converted at once: floats that stay in the cache

cv::Mat grey_picture(core::ConstImageView frame) {
  cv::Mat grey;
  cv::cvtColor(as_mat(frame), grey, cv::COLOR_BGR2GRAY);
  return grey;
}

// First plane of a CHW tensor as a picture over the same memory.
cv::Mat first_plane(std::span<float> tensor, core::Size size) {
  return {size.height, size.width, CV_32FC1, tensor.data()};
}

void repeat_first_plane(std::span<float> tensor) {
  const std::size_t plane = tensor.size() / kChannels;
  std::copy_n(tensor.begin(), plane, tensor.begin() + static_cast<std::ptrdiff_t>(plane));
  std::copy_n(tensor.begin(), plane, tensor.begin() + static_cast<std::ptrdiff_t>(2 * plane));
}

// The planes, in that order, as one picture enlarged to the frame's size.
template <int Planes>
cv::Mat enlarged(std::span<const float> in, core::Size size, const std::array<int, Planes>& order, core::Size frame) {
  std::array<cv::Mat, Planes> planes;
  for (int i = 0; i < Planes; ++i) {
    const float* data = in.data() + static_cast<std::size_t>(order[i]) * size.width * size.height;
    planes[i] = cv::Mat(size.height, size.width, CV_32FC1, const_cast<float*>(data));
  }
  cv::Mat small;
  cv::merge(planes.data(), planes.size(), small);
  cv::Mat large;
  cv::resize(small, large, {frame.width, frame.height}, 0, 0, cv::INTER_LINEAR);
  return large;
}

// Runs work(rows) on strips of the frame, on OpenCV's threads.
template <typename Work>
void for_each_strip(int height, const Work& work) {
  cv::parallel_for_({0, (height + kStripRows - 1) / kStripRows}, [&](const cv::Range& strips) {
    for (int strip = strips.start; strip < strips.end; ++strip) {
      work(cv::Range(strip * kStripRows, std::min((strip + 1) * kStripRows, height)));
    }
  });
}

// v / 255 for every v: a product with 1 / 255 differs in the last bit.
const cv::Mat& unit_table() {
  static const cv::Mat table = [] {
    cv::Mat values(1, 256, CV_32FC1);
    for (int v = 0; v < 256; ++v) {
      values.at<float>(v) = static_cast<float>(v / 255.0);
    }
    return values;
  }();
  return table;
}

}  // namespace

const std::array<float, 256>& ddcolor_greys() {
  static const std::array<float, 256> greys = [] {
    prepare_lab_tables();
    cv::Mat rgb;
    cv::merge(std::vector<cv::Mat>(kChannels, unit_table()), rgb);
    cv::Mat lab;
    cv::cvtColor(rgb, lab, cv::COLOR_RGB2Lab);
    for (int v = 0; v < 256; ++v) {
      cv::Vec3f& pixel = lab.at<cv::Vec3f>(v);
      pixel = {pixel[0], 0, 0};
    }
    cv::cvtColor(lab, rgb, cv::COLOR_Lab2RGB);
    std::array<float, 256> values{};
    for (int v = 0; v < 256; ++v) {
      values[v] = rgb.at<cv::Vec3f>(v)[1];
    }
    return values;
  }();
  return greys;
}

void ddcolor_input(std::span<float> out, core::ConstImageView frame, core::Size size) {
  check_colorize("ddcolor_input", frame, out.size(), size, kChannels);
  const std::array<float, 256>& greys = ddcolor_greys();
  cv::Mat levels;
  cv::LUT(grey_picture(frame), cv::Mat(1, 256, CV_32FC1, const_cast<float*>(greys.data())), levels);
  cv::Mat plane = first_plane(out, size);
  cv::resize(levels, plane, plane.size(), 0, 0, cv::INTER_LINEAR);
  repeat_first_plane(out);
}

void deoldify_input(std::span<float> out, core::ConstImageView frame, core::Size size) {
  check_colorize("deoldify_input", frame, out.size(), size, kChannels);
  cv::Mat grey;
  cv::resize(grey_picture(frame), grey, {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
  cv::Mat plane = first_plane(out, size);
  grey.convertTo(plane, CV_32F);
  repeat_first_plane(out);
}

void ddcolor_output(core::ImageView out, core::ConstImageView frame, std::span<const float> in, core::Size size) {
  check_colorize("ddcolor_output", frame, in.size(), size, 2);
  check_coloured("ddcolor_output", out, frame);
  prepare_lab_tables();
  const cv::Mat colours = enlarged<2>(in, size, {0, 1}, frame.size());
  const cv::Mat pixels = as_mat(frame);
  cv::Mat result = as_mat(out);
  for_each_strip(frame.height, [&](const cv::Range& rows) {
    cv::Mat bgr;
    cv::Mat lab;
    cv::LUT(pixels.rowRange(rows), unit_table(), bgr);
    cv::cvtColor(bgr, lab, cv::COLOR_BGR2Lab);
    const std::array<int, 4> ab{0, 1, 1, 2};
    cv::mixChannels(std::vector<cv::Mat>{colours.rowRange(rows)}, std::vector<cv::Mat>{lab}, ab.data(), 2);
    cv::cvtColor(lab, bgr, cv::COLOR_Lab2BGR);
    bgr.convertTo(result.rowRange(rows), CV_8U, 255);
  });
}

void deoldify_output(core::ImageView out, core::ConstImageView frame, std::span<const float> in, core::Size size) {
  check_colorize("deoldify_output", frame, in.size(), size, kChannels);
  check_coloured("deoldify_output", out, frame);
  prepare_lab_tables();
  const cv::Mat colours = enlarged<3>(in, size, {2, 1, 0}, frame.size());
  const cv::Mat pixels = as_mat(frame);
  cv::Mat result = as_mat(out);
  for_each_strip(frame.height, [&](const cv::Range& rows) {
    cv::Mat bgr = result.rowRange(rows);
    for (int y = rows.start; y < rows.end; ++y) {
      const auto* from = colours.ptr<float>(y);
      std::transform(from, from + kChannels * frame.width, result.ptr<std::uint8_t>(y), low_byte);
    }
    cv::Mat lab;
    cv::cvtColor(bgr, lab, cv::COLOR_BGR2Lab);
    const std::array<int, 2> blue_to_lightness{0, 0};
    cv::mixChannels(std::vector<cv::Mat>{pixels.rowRange(rows)}, std::vector<cv::Mat>{lab}, blue_to_lightness.data(),
                    1);
    cv::cvtColor(lab, bgr, cv::COLOR_Lab2BGR);
  });
}

}  // namespace facegraph::ops
