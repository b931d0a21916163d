#include "ops/colour/colour_cuda.hpp"

#include "ops/colour/colorize.hpp"
#include "ops/colour/colour.hpp"
#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{322, 180};
constexpr core::Size kNetwork{192, 192};
constexpr std::size_t kPlane = std::size_t{192} * 192;

class ColourCuda : public GpuOps {};

std::vector<float> planes(int count, float low, float high) {
  std::vector<float> values(count * kPlane);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = low + static_cast<float>(i * 7919 % 1009) / 1008 * (high - low);
  }
  return values;
}

TEST_F(ColourCuda, ColorizerInputsEqualTheCpuHalf) {
  const core::Image frame = noise(kFrame, 3, core::Depth::kU8);
  const core::ImageView on_gpu = upload(frame);
  std::vector<float> expected(3 * kPlane);
  const std::span<float> tensor(static_cast<float*>(take(3 * kPlane * sizeof(float))), 3 * kPlane);
  ddcolor_input(expected, frame, kNetwork);
  cuda::ddcolor_input(stream(), tensor, on_gpu, kNetwork, upload_value(ddcolor_greys()));
  EXPECT_EQ(download_values(tensor.data(), tensor.size()), expected);
  deoldify_input(expected, frame, kNetwork);
  cuda::deoldify_input(stream(), tensor, on_gpu, kNetwork);
  EXPECT_EQ(download_values(tensor.data(), tensor.size()), expected);
}

TEST_F(ColourCuda, ColorizerOutputsMeetTheCpuHalf) {
  const core::Image frame = noise(kFrame, 3, core::Depth::kU8);
  const core::ImageView on_gpu = upload(frame);
  const core::ImageView out = picture(kFrame, 3, core::Depth::kU8);
  core::Image expected(kFrame, 3);
  const std::vector<float> ab = planes(2, -50, 50);
  ddcolor_output(expected, frame, ab, kNetwork);
  cuda::ddcolor_output(stream(), out, on_gpu, {upload_values<float>(ab), ab.size()}, kNetwork,
                       upload_value(lightness_grid()));
  expect_equal(download(out), expected, 1);
  const std::vector<float> rgb = planes(3, -20, 300);
  deoldify_output(expected, frame, rgb, kNetwork);
  cuda::deoldify_output(stream(), out, on_gpu, {upload_values<float>(rgb), rgb.size()}, kNetwork,
                        upload_value(lab_tables()));
  expect_equal(download(out), expected);
}

TEST_F(ColourCuda, ContrastEqualsTheCpuHalf) {
  const LabTables* tables = upload_value(lab_tables());
  auto* scratch = static_cast<ContrastScratch*>(take(sizeof(ContrastScratch)));
  for (const core::Size size : {core::Size{256, 256}, core::Size{67, 35}}) {
    for (const int divisor : {1, 12}) {
      core::Image crop = noise(size, 3, core::Depth::kU8);
      for (std::size_t i = 0; i < crop.bytes(); ++i) {
        crop.row<std::uint8_t>(0)[i] = static_cast<std::uint8_t>(crop.row<std::uint8_t>(0)[i] / divisor);
      }
      const core::ImageView on_gpu = upload(crop);
      balance_contrast(crop);
      cuda::balance_contrast(stream(), on_gpu, picture(size, 3, core::Depth::kU8), tables, scratch);
      expect_equal(download(on_gpu), crop);
    }
  }
}

TEST_F(ColourCuda, AlphaEqualsTheCpuHalf) {
  const core::Image four = noise(kFrame, 4, core::Depth::kU8);
  const core::ImageView on_gpu = upload(four);
  const core::ImageView three = picture(kFrame, 3, core::Depth::kU8);
  const core::ImageView alpha = picture(kFrame, 1, core::Depth::kU8);
  cuda::first_three_channels(stream(), three, on_gpu);
  expect_equal(download(three), first_three_channels(four));
  cuda::extract_alpha(stream(), alpha, on_gpu);
  expect_equal(download(alpha), extract_alpha(four));
  const core::ImageView merged = picture(kFrame, 4, core::Depth::kU8);
  int* is_opaque = upload_value(-1);
  cuda::merge_alpha(stream(), merged, three, alpha, is_opaque);
  expect_equal(download(merged), four);
  EXPECT_EQ(download_values(is_opaque, 1)[0], 0);
  cuda::extract_alpha(stream(), alpha, three);
  cuda::merge_alpha(stream(), merged, three, alpha, is_opaque);
  EXPECT_EQ(download_values(is_opaque, 1)[0], 1);
}

TEST_F(ColourCuda, YuvEqualsTheCpuHalf) {
  for (const core::Size size : {kFrame, core::Size{2, 2}, core::Size{130, 6}}) {
    const core::Image bgr = noise(size, 3, core::Depth::kU8);
    core::Image expected(i420_size(size), 1);
    bgr_to_yuv420(i420_planes(expected), bgr);
    const core::ImageView found = picture(i420_size(size), 1, core::Depth::kU8);
    cuda::bgr_to_yuv420(stream(), i420_planes(found), upload(bgr));
    expect_equal(download(found), expected);
  }
}

}  // namespace
}  // namespace facegraph::ops
