#include "ops/colour/colour_pixels.hpp"

#include <memory>

#include "ops/colour/colour.hpp"
#include "ops/colour/contrast_programs.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

core::Image picture(core::Size size, double brightness) {
  core::Image image = noise(size, 3, core::Depth::kU8);
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    image.row<std::uint8_t>(0)[i] = static_cast<std::uint8_t>(image.row<std::uint8_t>(0)[i] * brightness);
  }
  return image;
}

void expect_balanced(core::Size size, double brightness, bool dark) {
  core::Image crop = picture(size, brightness);
  core::Image expected = core::Image::copy_of(crop);
  balance_contrast(expected);
  core::Image lab(size, 3);
  const auto scratch = std::make_unique<ContrastScratch>();
  run_pixels_on_host({1, 1}, ClearLightness{scratch.get()});
  run_blocks_on_host(size.height, ToLabRows{crop, lab, &lab_tables(), scratch.get()});
  run_blocks_on_host(ContrastScratch::kTables, EqualiseTiles{lab, scratch.get()});
  run_pixels_on_host(size, FromLabPixels{crop, lab, &lab_tables(), scratch.get()});
  EXPECT_EQ(is_dark(*scratch, size), dark);
  expect_equal(crop, expected);
}

TEST(ContrastPrograms, EqualTheCpuHalf) {
  expect_balanced({96, 64}, 1, false);
  expect_balanced({96, 64}, 0.1, true);
  expect_balanced({256, 256}, 0.1, true);
  expect_balanced({100, 64}, 0.1, true);
  expect_balanced({67, 35}, 0.05, true);
  expect_balanced({1, 1}, 0, true);
}

TEST(AlphaPixels, EqualTheCpuHalf) {
  constexpr core::Size kSize{31, 17};
  const core::Image four = noise(kSize, 4, core::Depth::kU8);
  core::Image three(kSize, 3);
  run_pixels_on_host(kSize, FirstThreePixels{three, four});
  expect_equal(three, first_three_channels(four));
  core::Image alpha(kSize, 1);
  for (const core::Image* frame : std::initializer_list<const core::Image*>{&four, &three}) {
    run_pixels_on_host(kSize, AlphaPixels{alpha, *frame});
    expect_equal(alpha, extract_alpha(*frame));
  }
  core::Image merged(kSize, 4);
  for (const int last : {255, 254}) {
    *alpha.row<std::uint8_t>(16) = static_cast<std::uint8_t>(last);
    int is_opaque = -1;
    run_pixels_on_host({1, 1}, SetOpaque{&is_opaque});
    run_pixels_on_host(kSize, MergeAlphaPixels{merged, three, alpha, &is_opaque});
    const core::Image expected = merge_alpha(three, alpha);
    EXPECT_EQ(is_opaque == 1, expected.channels() == 3);
    expect_equal(first_three_channels(merged), first_three_channels(expected));
    expect_equal(extract_alpha(merged), extract_alpha(expected));
  }
}

TEST(YuvPixels, EqualTheCpuHalf) {
  for (const core::Size size : {core::Size{66, 34}, {2, 2}, {4, 6}}) {
    const core::Image bgr = noise(size, 3, core::Depth::kU8);
    core::Image expected(i420_size(size), 1);
    bgr_to_yuv420(i420_planes(expected), bgr);
    core::Image found(i420_size(size), 1);
    run_pixels_on_host({size.width / 2, size.height / 2}, YuvPixels{i420_planes(found), bgr});
    expect_equal(found, expected);
  }
}

}  // namespace
}  // namespace facegraph::ops
