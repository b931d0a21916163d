#include "ops/matte/matte_cuda.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{320, 200};
constexpr std::size_t kPixels = std::size_t{320} * 200;

class MatteCuda : public GpuOps {};

std::vector<float> values(std::size_t count) {
  std::vector<float> result(count);
  for (std::size_t i = 0; i < count; ++i) {
    result[i] = static_cast<float>(i * 7919 % 1009) / 800 - 0.1F;
  }
  return result;
}

TEST_F(MatteCuda, MasksEqualTheCpuHalf) {
  const std::vector<float> scores = values(3 * kPixels);
  const float* on_gpu = upload_values<float>(scores);
  const core::ImageView mask = picture(kSize, 1, core::Depth::kU8);
  core::Image expected(kSize, 1);
  matte_to_mask(expected, std::span(scores).first(kPixels));
  cuda::matte_to_mask(stream(), mask, {on_gpu, kPixels});
  expect_equal(download(mask), expected);
  classes_to_mask(expected, scores);
  cuda::classes_to_mask(stream(), mask, {on_gpu, 3 * kPixels});
  expect_equal(download(mask), expected);
}

TEST_F(MatteCuda, HintsEqualTheCpuHalf) {
  constexpr core::Size kHint{256, 256};
  constexpr std::size_t kCount = std::size_t{256} * 256;
  const core::Image frame = noise(kSize, 3, core::Depth::kU8);
  std::vector<float> expected(kCount);
  green_to_hint(expected, frame, kHint);
  auto* hint = static_cast<float*>(take(kCount * sizeof(float)));
  cuda::green_to_hint(stream(), {hint, kCount}, upload(frame), kHint);
  EXPECT_EQ(download_values(hint, kCount), expected);
}

TEST_F(MatteCuda, ColoursEqualTheCpuHalf) {
  const Rgba colour{12, 200, 33, 128};
  core::Image expected = noise(kSize, 3, core::Depth::kU8);
  const core::Image mask = noise(kSize, 1, core::Depth::kU8, 8);
  const core::ImageView frame = upload(expected);
  despill(expected, colour);
  cuda::despill(stream(), frame, colour);
  expect_equal(download(frame), expected);
  fill_background(expected, mask, colour);
  cuda::fill_background(stream(), frame, upload(mask), colour);
  expect_equal(download(frame), expected);
}

TEST_F(MatteCuda, IntersectionsEqualTheCpuHalf) {
  core::Image expected = noise(kSize, 1, core::Depth::kU8);
  const core::Image other = noise(kSize, 1, core::Depth::kU8, 8);
  const core::ImageView mask = upload(expected);
  intersect_masks(expected, other);
  cuda::intersect_masks(stream(), mask, upload(other));
  expect_equal(download(mask), expected);
}

}  // namespace
}  // namespace facegraph::ops
