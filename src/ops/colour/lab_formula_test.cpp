#include "ops/colour/lab_formula.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

namespace facegraph::ops {
namespace {

// All colours, a plane of 256 x 256 at a time.
TEST(LabFormula, EightBitsEqualOpencvForAllColours) {
  const LabTables& tables = lab_tables();
  cv::Mat in(256, 256, CV_8UC3);
  cv::Mat lab;
  cv::Mat rgb;
  for (int first = 0; first < 256; ++first) {
    for (int i = 0; i < 65536; ++i) {
      in.ptr<cv::Vec3b>()[i] = cv::Vec3b(static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(i >> 8),
                                         static_cast<std::uint8_t>(i & 255));
    }
    cv::cvtColor(in, lab, cv::COLOR_RGB2Lab);
    cv::cvtColor(in, rgb, cv::COLOR_Lab2RGB);
    for (int i = 0; i < 65536; ++i) {
      const cv::Vec3b& colour = in.ptr<cv::Vec3b>()[i];
      const LabPixel to = to_lab(tables, {colour[0], colour[1], colour[2]});
      ASSERT_EQ(cv::Vec3b(to.lightness, to.a, to.b), lab.ptr<cv::Vec3b>()[i]) << colour;
      const RgbPixel back = to_rgb(tables, {colour[0], colour[1], colour[2]});
      ASSERT_EQ(cv::Vec3b(back.red, back.green, back.blue), rgb.ptr<cv::Vec3b>()[i]) << colour;
    }
  }
}

TEST(LabFormula, LightnessEqualsOpencvForEveryThirdColour) {
  const LightnessGrid& grid = lightness_grid();
  cv::Mat in(86, 86, CV_32FC3);
  cv::Mat lab;
  for (int blue = 0; blue < 256; blue += 3) {
    for (int i = 0; i < 86 * 86; ++i) {
      in.ptr<cv::Vec3f>()[i] = {static_cast<float>(blue / 255.0), static_cast<float>(i / 86 * 3 / 255.0),
                                static_cast<float>(i % 86 * 3 / 255.0)};
    }
    cv::cvtColor(in, lab, cv::COLOR_BGR2Lab);
    for (int i = 0; i < 86 * 86; ++i) {
      ASSERT_EQ(lightness_of(grid, blue, i / 86 * 3, i % 86 * 3), lab.ptr<cv::Vec3f>()[i][0]) << blue << " " << i;
    }
  }
}

TEST(LabFormula, TheWayBackMeetsOpencv) {
  cv::Mat lab(100, 100, CV_32FC3);
  for (int i = 0; i < 10000; ++i) {
    lab.ptr<cv::Vec3f>()[i] = {static_cast<float>(i % 101), static_cast<float>(i % 131 - 65),
                               static_cast<float>(i % 127 - 63)};
  }
  cv::Mat bgr;
  cv::cvtColor(lab, bgr, cv::COLOR_Lab2BGR);
  for (int i = 0; i < 10000; ++i) {
    const cv::Vec3f& colour = lab.ptr<cv::Vec3f>()[i];
    const std::array<float, 3> found = lab_to_bgr(colour[0], colour[1], colour[2]);
    for (int c = 0; c < 3; ++c) {
      ASSERT_NEAR(found[c], bgr.ptr<cv::Vec3f>()[i][c], 1e-4) << colour;
    }
  }
}

}  // namespace
}  // namespace facegraph::ops
