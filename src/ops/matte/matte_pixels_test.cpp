#include "ops/matte/matte_pixels.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{64, 48};

// `planes` planes of whole sixteenths from -0.5 to 1.5.
std::vector<float> values(int planes) {
  const core::Image levels = noise({kSize.width, kSize.height * planes}, 1, core::Depth::kU8);
  std::vector<float> result(levels.bytes());
  std::transform(levels.row<std::uint8_t>(0), levels.row<std::uint8_t>(0) + result.size(), result.begin(),
                 [](std::uint8_t level) { return static_cast<float>(level / 8) / 16 - 0.5F; });
  return result;
}

TEST(MattePixels, MasksEqualTheCpuHalf) {
  std::vector<float> matte = values(1);
  matte[7] = std::nanf("");
  core::Image expected(kSize, 1);
  core::Image mask(kSize, 1);
  matte_to_mask(expected, matte);
  run_pixels_on_host(kSize, MattePixels{mask, matte.data()});
  expect_equal(mask, expected);
  const std::vector<float> scores = values(3);
  classes_to_mask(expected, scores);
  run_pixels_on_host(kSize, ClassPixels{mask, scores.data(), 3});
  expect_equal(mask, expected);
}

TEST(MattePixels, HintsEqualTheCpuHalf) {
  const core::Image frame = noise(kSize, 3, core::Depth::kU8);
  for (const core::Size size : {kSize, core::Size{32, 24}, core::Size{50, 70}}) {
    core::Image expected(size, 1, core::Depth::kF32);
    core::Image hint(size, 1, core::Depth::kF32);
    const auto count = static_cast<std::size_t>(size.width) * size.height;
    green_to_hint({expected.row<float>(0), count}, frame, size);
    run_pixels_on_host(size, HintPixels{hint.row<float>(0), size, frame});
    expect_equal(hint, expected, size.width == 32 ? 2e-7 : 0);
  }
}

TEST(MattePixels, ColoursEqualTheCpuHalf) {
  const core::Image frame = noise(kSize, 3, core::Depth::kU8);
  const core::Image mask = noise(kSize, 1, core::Depth::kU8, 8);
  for (const Rgba& colour : {Rgba{0, 255, 0, 255}, Rgba{12, 200, 33, 128}, Rgba{255, 255, 255, 1}}) {
    core::Image expected = core::Image::copy_of(frame);
    core::Image found = core::Image::copy_of(frame);
    despill(expected, colour);
    run_pixels_on_host(kSize, DespillPixels{found, light_of(colour)});
    expect_equal(found, expected);
    fill_background(expected, mask, colour);
    run_pixels_on_host(kSize, FillPixels{found, mask, colour});
    expect_equal(found, expected);
  }
}

TEST(MattePixels, IntersectionsEqualTheCpuHalf) {
  core::Image expected = noise(kSize, 1, core::Depth::kU8);
  core::Image mask = core::Image::copy_of(expected);
  const core::Image other = noise(kSize, 1, core::Depth::kU8, 8);
  intersect_masks(expected, other);
  run_pixels_on_host(kSize, IntersectPixels{mask, other});
  expect_equal(mask, expected);
}

}  // namespace
}  // namespace facegraph::ops
