#include "ops/tensor/tensor_cuda.hpp"

#include <cmath>

#include <fmt/core.h>

#include "core/base/error.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{133, 71};
constexpr std::array<ChannelOrder, 2> kOrders{ChannelOrder::kBgr, ChannelOrder::kRgb};
constexpr std::array<Layout, 2> kLayouts{Layout::kChw, Layout::kHwc};
const ValueTable kTable = value_table({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});

std::size_t elements_of(core::Size size) {
  return static_cast<std::size_t>(size.width) * size.height * 3;
}

class TensorCuda : public GpuOps {
 protected:
  std::span<float> tensor(core::Size size) {
    return {static_cast<float*>(take(elements_of(size) * sizeof(float))), elements_of(size)};
  }
  std::span<const float> upload_tensor(const std::vector<float>& values) {
    return {upload_values(std::span<const float>(values)), values.size()};
  }
  std::vector<float> download_tensor(std::span<const float> on_gpu) {
    return download_values(on_gpu.data(), on_gpu.size());
  }
};

std::vector<float> network_output() {
  std::vector<float> values(elements_of(kSize));
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

TEST_F(TensorCuda, ToTensorEqualsTheCpuHalf) {
  const core::Image in = noise(kSize, 3, core::Depth::kU8);
  const ValueTable* table = upload_value(kTable);
  for (const ChannelOrder order : kOrders) {
    for (const Layout layout : kLayouts) {
      std::vector<float> expected(elements_of(kSize));
      to_tensor(expected, in, kTable, order, layout);
      const std::span<float> out = tensor(kSize);
      cuda::to_tensor(stream(), out, upload(in), table, order, layout);
      EXPECT_EQ(download_tensor(out), expected);
    }
  }
}

TEST_F(TensorCuda, FloatToTensorEqualsTheCpuHalf) {
  const std::array<float, 3> mean{0.485F, 0.456F, 0.406F};
  const std::array<float, 3> deviation{0.229F, 0.224F, 0.225F};
  for (const core::Depth depth : {core::Depth::kF32, core::Depth::kF64}) {
    const core::Image in = noise(kSize, 3, depth);
    for (const ChannelOrder order : kOrders) {
      for (const Layout layout : kLayouts) {
        std::vector<float> expected(elements_of(kSize));
        float_to_tensor(expected, in, mean, deviation, order, layout);
        const std::span<float> out = tensor(kSize);
        cuda::float_to_tensor(stream(), out, upload(in), mean, deviation, order, layout);
        EXPECT_EQ(download_tensor(out), expected);
      }
    }
  }
}

TEST_F(TensorCuda, PicturesEqualTheCpuHalf) {
  const std::vector<float> in = network_output();
  const std::span<const float> on_gpu = upload_tensor(in);
  for (const core::Depth depth : {core::Depth::kU8, core::Depth::kF32, core::Depth::kF64}) {
    const bool is_wide = depth == core::Depth::kF64;
    for (const ChannelOrder order : kOrders) {
      core::Image expected(kSize, 3, depth);
      to_image(expected, in, is_wide ? 0.5 : 0, is_wide ? 0.25 : 1, order);
      const core::ImageView out = picture(kSize, 3, depth);
      cuda::to_image(stream(), out, on_gpu, is_wide ? 0.5 : 0, is_wide ? 0.25 : 1, order);
      expect_equal(download(out), expected);
    }
  }
  core::Image expected(kSize, 3);
  const core::ImageView out = picture(kSize, 3, core::Depth::kU8);
  for (const Rounding rounding : {Rounding::kNearest, Rounding::kDown}) {
    to_picture(expected, in, rounding);
    cuda::to_picture(stream(), out, on_gpu, rounding);
    expect_equal(download(out), expected);
  }
  interleaved_to_picture(expected, in);
  cuda::interleaved_to_picture(stream(), out, on_gpu);
  expect_equal(download(out), expected);
}

// Frames that are shrunk, exactly halved, taken as they are, and next to nothing, with margins and without.
TEST_F(TensorCuda, LetterboxEqualsTheCpuHalf) {
  const core::Size size{160, 160};
  const ValueTable* table = upload_value(kTable);
  for (const core::Size frame_size : {core::Size{413, 221}, {320, 180}, {60, 40}, {97, 511}, {1, 1}, {500, 7}}) {
    for (const std::array<int, 4>& margin :
         {std::array{0, 0, 0, 0}, std::array{5, 11, 0, 2}, std::array{0, 0, 140, 0}, std::array{40, 40, 40, 40}}) {
      SCOPED_TRACE(fmt::format("{}x{}, margin {} {} {} {}", frame_size.width, frame_size.height, margin[0], margin[1],
                               margin[2], margin[3]));
      const core::Image frame = noise(frame_size, 3, core::Depth::kU8);
      std::vector<float> expected(elements_of(size));
      LetterboxRatio ratio;
      ASSERT_TRUE(letterbox(expected, ratio, frame, margin, size, kTable));
      const std::span<float> out = tensor(size);
      LetterboxRatio found;
      ASSERT_TRUE(cuda::letterbox(stream(), out, found, upload(frame), margin, size, table));
      EXPECT_EQ(download_tensor(out), expected);
      EXPECT_EQ(found.x, ratio.x);
      EXPECT_EQ(found.y, ratio.y);
    }
  }
}

TEST_F(TensorCuda, RefusesWhatTheCpuHalfRefuses) {
  const core::ImageView in = picture(kSize, 3, core::Depth::kU8);
  const std::span<float> out = tensor({4, 4});
  EXPECT_THROW(cuda::to_tensor(stream(), out, in, nullptr, ChannelOrder::kBgr, Layout::kChw), core::Error);
  EXPECT_THROW(cuda::to_picture(stream(), in, out, Rounding::kDown), core::Error);
  LetterboxRatio ratio;
  const core::ImageView line = picture({2000, 1}, 3, core::Depth::kU8);
  EXPECT_FALSE(cuda::letterbox(stream(), out, ratio, line, {}, {4, 4}, nullptr));
}

}  // namespace
}  // namespace facegraph::ops
