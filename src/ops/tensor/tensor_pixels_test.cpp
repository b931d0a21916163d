#include "ops/tensor/tensor_pixels.hpp"

#include <cmath>

#include <fmt/core.h>

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{37, 23};
constexpr std::array<ChannelOrder, 2> kOrders{ChannelOrder::kBgr, ChannelOrder::kRgb};
constexpr std::array<Layout, 2> kLayouts{Layout::kChw, Layout::kHwc};
const ValueTable kTable = value_table({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});

std::vector<float> tensor_of(core::Size size) {
  return std::vector<float>(static_cast<std::size_t>(size.width) * size.height * kTensorChannels, -7);
}

// What networks give: -1.5..1.5, and values that are none.
std::vector<float> network_output() {
  std::vector<float> values = tensor_of(kSize);
  std::mt19937 random(3);
  std::uniform_real_distribution<float> level(-1.5F, 1.5F);
  for (float& value : values) {
    value = level(random);
  }
  values[5] = std::nanf("");
  values[6] = INFINITY;
  values[7] = -INFINITY;
  return values;
}

TEST(TensorPixels, ToTensorEqualsTheCpuHalf) {
  const core::Image in = noise(kSize, 3, core::Depth::kU8);
  for (const ChannelOrder order : kOrders) {
    for (const Layout layout : kLayouts) {
      std::vector<float> expected = tensor_of(kSize);
      to_tensor(expected, in, kTable, order, layout);
      std::vector<float> found = tensor_of(kSize);
      run_pixels_on_host(kSize, ToTensorPixels{found.data(), in, &kTable, order, layout});
      EXPECT_EQ(found, expected);
    }
  }
}

template <typename T>
void expect_float_to_tensor(core::Depth depth, ChannelOrder order, Layout layout) {
  const std::array<float, 3> mean{0.485F, 0.456F, 0.406F};
  const std::array<float, 3> deviation{0.229F, 0.224F, 0.225F};
  const core::Image in = noise(kSize, 3, depth);
  std::vector<float> expected = tensor_of(kSize);
  float_to_tensor(expected, in, mean, deviation, order, layout);
  std::vector<float> found = tensor_of(kSize);
  run_pixels_on_host(kSize, FloatToTensorPixels<T>{found.data(), in, mean, deviation, order, layout});
  EXPECT_EQ(found, expected);
}

TEST(TensorPixels, FloatToTensorEqualsTheCpuHalf) {
  for (const ChannelOrder order : kOrders) {
    for (const Layout layout : kLayouts) {
      expect_float_to_tensor<float>(core::Depth::kF32, order, layout);
      expect_float_to_tensor<double>(core::Depth::kF64, order, layout);
    }
  }
}

template <typename T>
void expect_to_image(core::Depth depth, double mean, double deviation) {
  const std::vector<float> in = network_output();
  for (const ChannelOrder order : kOrders) {
    core::Image expected(kSize, 3, depth);
    to_image(expected, in, mean, deviation, order);
    core::Image found(kSize, 3, depth);
    run_pixels_on_host(kSize, ToImagePixels<T>{found, in.data(), mean, deviation, order});
    expect_equal(found, expected);
  }
}

TEST(TensorPixels, ToImageEqualsTheCpuHalf) {
  expect_to_image<std::uint8_t>(core::Depth::kU8, 0, 1);
  expect_to_image<float>(core::Depth::kF32, 0, 1);
  expect_to_image<double>(core::Depth::kF64, 0.5, 0.25);
}

TEST(TensorPixels, ToPictureEqualsTheCpuHalf) {
  const std::vector<float> in = network_output();
  core::Image expected(kSize, 3);
  core::Image found(kSize, 3);
  for (const Rounding rounding : {Rounding::kNearest, Rounding::kDown}) {
    to_picture(expected, in, rounding);
    run_pixels_on_host(kSize, ToPicturePixels{found, in.data(), rounding});
    expect_equal(found, expected);
  }
  interleaved_to_picture(expected, in);
  run_pixels_on_host(kSize, InterleavedPixels{found, in.data()});
  expect_equal(found, expected);
}

// Frames that are shrunk, exactly halved, taken as they are, and next to nothing, with margins and without.
TEST(LetterboxPixels, EqualTheCpuHalf) {
  for (const core::Size frame_size : {core::Size{213, 121}, {192, 108}, {60, 40}, {1, 1}, {500, 7}, {97, 311}}) {
    for (const std::array<int, 4>& margin :
         {std::array{0, 0, 0, 0}, std::array{5, 11, 0, 2}, std::array{0, 0, 84, 0}, std::array{40, 40, 40, 40}}) {
      const core::Size size{96, 96};
      SCOPED_TRACE(fmt::format("{}x{}, margin {} {} {} {}", frame_size.width, frame_size.height, margin[0], margin[1],
                               margin[2], margin[3]));
      const core::Image frame = noise(frame_size, 3, core::Depth::kU8);
      std::vector<float> expected = tensor_of(size);
      LetterboxRatio ratio;
      ASSERT_TRUE(letterbox(expected, ratio, frame, margin, size, kTable));
      std::vector<float> found = tensor_of(size);
      const LetterboxPlan plan = letterbox_plan(found.size(), frame, margin, size);
      with_letterbox(found.data(), frame, margin, size, &kTable, plan,
                     [&](const auto& program) { run_pixels_on_host(size, program); });
      EXPECT_EQ(found, expected);
    }
  }
}

}  // namespace
}  // namespace facegraph::ops
