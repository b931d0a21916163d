#include "pictures.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "media/image/image_file.hpp"

namespace facegraph::test {

namespace {

struct Measured {
  double psnr = 99;
  double max = 0;
  double over2 = 0;  // share of values off by more than 2
};

// As the reference's check.py: over all values, alpha included.
Measured measure(core::ConstImageView a, core::ConstImageView b) {
  if (a.size() != b.size() || a.channels != b.channels) {
    return {0, std::numeric_limits<double>::infinity(), 1};
  }
  double squares = 0;
  double max = 0;
  double over2 = 0;
  for (int y = 0; y < a.height; ++y) {
    const auto* left = a.row<std::uint8_t>(y);
    const auto* right = b.row<std::uint8_t>(y);
    for (int i = 0; i < a.width * a.channels; ++i) {
      const double d = std::abs(double(left[i]) - double(right[i]));
      squares += d * d;
      max = std::max(max, d);
      over2 += d > 2 ? 1 : 0;
    }
  }
  const double count = double(a.width) * a.height * a.channels;
  const double mean = squares / count;
  return {mean == 0 ? 99 : 10 * std::log10(255.0 * 255.0 / mean), max, over2 / count};
}

}  // namespace

void expect_picture(core::ConstImageView found, const std::filesystem::path& golden, const nlohmann::json& tolerance,
                    const std::string& what) {
  const core::Image expected = media::read_image(golden, media::ReadMode::kAlpha);
  const Measured measured = measure(found, expected);
  EXPECT_GE(measured.psnr, tolerance["psnr_min"].get<double>()) << what;
  if (tolerance.contains("max_abs")) {
    EXPECT_LE(measured.max, tolerance["max_abs"].get<double>()) << what;
  }
  if (tolerance.contains("over2_max")) {
    EXPECT_LE(measured.over2, tolerance["over2_max"].get<double>()) << what;
  }
  std::printf("  %s: psnr %.1f dB, max %.0f, over 2: %.6f\n", what.c_str(), measured.psnr, measured.max,
              measured.over2);
}

}  // namespace facegraph::test
