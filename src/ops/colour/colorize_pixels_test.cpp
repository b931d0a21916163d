#include "ops/colour/colorize_pixels.hpp"

#include "ops/colour/colorize.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{131, 77};

std::vector<float> planes(core::Size size, int count, float low, float high) {
  const core::Image levels = noise({size.width, size.height * count}, 1, core::Depth::kF32, 9);
  const auto* from = levels.row<float>(0);
  std::vector<float> values(from, from + levels.bytes() / sizeof(float));
  for (float& value : values) {
    value = low + value / 255 * (high - low);
  }
  return values;
}

std::size_t differing(const core::Image& a, const core::Image& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.bytes(); ++i) {
    count += a.row<std::uint8_t>(0)[i] != b.row<std::uint8_t>(0)[i] ? 1 : 0;
  }
  return count;
}

TEST(ColorizePixels, InputsEqualTheCpuHalf) {
  const core::Image frame = noise(kFrame, 3, core::Depth::kU8);
  for (const core::Size size : {core::Size{64, 64}, core::Size{192, 192}, kFrame}) {
    std::vector<float> expected(std::size_t{3} * size.width * size.height);
    std::vector<float> tensor(expected.size());
    ddcolor_input(expected, frame, size);
    run_pixels_on_host(size, DdcolorInputPixels{tensor.data(), size, frame, &ddcolor_greys()});
    EXPECT_EQ(tensor, expected) << size.width;
    deoldify_input(expected, frame, size);
    run_pixels_on_host(size, DeoldifyInputPixels{tensor.data(), size, frame});
    EXPECT_EQ(tensor, expected) << size.width;
  }
}

TEST(ColorizePixels, OutputsMeetTheCpuHalf) {
  const core::Image frame = noise(kFrame, 3, core::Depth::kU8);
  for (const core::Size size : {core::Size{64, 64}, core::Size{192, 192}, kFrame}) {
    core::Image expected(kFrame, 3);
    core::Image out(kFrame, 3);
    const std::vector<float> ab = planes(size, 2, -50, 50);
    ddcolor_output(expected, frame, ab, size);
    run_pixels_on_host(kFrame, DdcolorOutputPixels{out, frame, {ab.data(), size}, &lightness_grid()});
    expect_equal(out, expected, 1);
    EXPECT_LT(differing(out, expected), expected.bytes() / 1000);

    std::vector<float> rgb = planes(size, 3, -20, 300);
    rgb[40] = std::nanf("");
    rgb[70] = 1e20F;
    deoldify_output(expected, frame, rgb, size);
    run_pixels_on_host(kFrame, DeoldifyOutputPixels{out, frame, {rgb.data(), size}, &lab_tables()});
    expect_equal(out, expected);
  }
}

}  // namespace
}  // namespace facegraph::ops
