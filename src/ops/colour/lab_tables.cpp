#include "ops/colour/lab_tables.hpp"

#include <cmath>
#include <memory>

#include <opencv2/imgproc.hpp>

#include "ops/colour/lab.hpp"

namespace facegraph::ops {

namespace {

template <typename T>
T rounded(double value) {
  return static_cast<T>(std::lrint(value));
}

LabTables make_tables() {
  LabTables tables{};
  for (int i = 0; i < 256; ++i) {
    const double level = i / 255.0;
    tables.linear[i] =
        rounded<std::uint16_t>(255 * 8 * (level <= 0.04045 ? level / 12.92 : std::pow((level + 0.055) / 1.055, 2.4)));
    const double lightness = i * 100 / 255.0;
    const bool is_dark = lightness <= 8;
    const double luminance = lightness * 27 / 24389;
    const double root = is_dark ? luminance * 841 / 108 + 16.0 / 116 : (lightness + 16) / 116;
    tables.luminance[i] = rounded<std::uint16_t>(16384 * (is_dark ? luminance : root * root * root));
    tables.luminance_root[i] = rounded<std::uint16_t>(16384 * root);
  }
  for (int i = 0; i < 3072; ++i) {
    const double light = i / (255.0 * 8);
    // Rounded to float first, as OpenCV does.
    const auto root = static_cast<float>(light < 216.0 / 24389 ? light * 841 / 108 + 16.0 / 116 : std::cbrt(light));
    tables.cube_root[i] = rounded<std::uint16_t>(32768.0 * root);
  }
  for (int i = 0; i < 4096; ++i) {
    const double light = i / 4096.0;
    tables.level[i] =
        rounded<std::uint8_t>(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055));
  }
  return tables;
}

std::unique_ptr<LightnessGrid> make_grid() {
  constexpr int kSide = LightnessGrid::kSide;
  prepare_lab_tables();
  cv::Mat colours(kSide * kSide, kSide, CV_32FC3);
  for (int y = 0; y < colours.rows; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const auto unit = [](int step) { return static_cast<float>(step) / (kSide - 1); };
      colours.at<cv::Vec3f>(y, x) = {unit(x), unit(y % kSide), unit(y / kSide)};
    }
  }
  cv::Mat lab;
  cv::cvtColor(colours, lab, cv::COLOR_BGR2Lab);
  auto grid = std::make_unique<LightnessGrid>();
  for (std::size_t i = 0; i < grid->values.size(); ++i) {
    grid->values[i] = rounded<std::uint16_t>(lab.ptr<cv::Vec3f>()[i][0] * 16384.0 / 100);
  }
  return grid;
}

}  // namespace

const LabTables& lab_tables() {
  static const LabTables tables = make_tables();
  return tables;
}

const LightnessGrid& lightness_grid() {
  static const std::unique_ptr<LightnessGrid> grid = make_grid();
  return *grid;
}

}  // namespace facegraph::ops
