#include "ops/colour/match_cuda.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{224, 224};

class MatchCuda : public GpuOps {};

core::Image picture_of(int tint) {
  core::Image image = noise(kSize, 3, core::Depth::kU8, static_cast<unsigned>(tint));
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    std::uint8_t& value = image.row<std::uint8_t>(0)[i];
    value = static_cast<std::uint8_t>(value / 4 + static_cast<int>(i % 3 + 1) * tint + static_cast<int>(i / 97 % 60));
  }
  return image;
}

TEST_F(MatchCuda, EqualsTheCpuHalf) {
  const core::Image source = picture_of(30);
  const core::Image target = picture_of(11);
  const core::ImageView source_on_gpu = upload(source);
  const core::ImageView target_on_gpu = upload(target);
  const core::ImageView out = picture(kSize, 3, core::Depth::kU8);
  auto* fields = static_cast<float*>(take(sizeof(float) * 3 * 224 * 224));
  auto* scratch = static_cast<LikenessScratch*>(take(sizeof(LikenessScratch)));
  cuda::equalise_colour(stream(), out, source_on_gpu, target_on_gpu, 60, fields);
  expect_equal(download(out), equalise_colour(source, target, 60));
  cuda::match_colour(stream(), out, source_on_gpu, target_on_gpu, fields);
  expect_equal(download(out), match_colour(source, target));
  cuda::colour_likeness(stream(), scratch, source_on_gpu, target_on_gpu);
  EXPECT_NEAR(download_values(&scratch->likeness, 1)[0], colour_likeness(source, target), 1e-12);
  cuda::match_alike_colour(stream(), out, source_on_gpu, target_on_gpu, fields, scratch);
  expect_equal(download(out), match_alike_colour(source, target), __builtin_cpu_supports("avx2") ? 0 : 1);
}

}  // namespace
}  // namespace facegraph::ops
