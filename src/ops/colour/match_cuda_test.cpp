#include "ops/colour/match_cuda.hpp"

#include <array>

#include "core/base/error.hpp"
#include "ops/mask/mask.hpp"
#include "ops/mask/test_support.hpp"

namespace facegraph::ops {
namespace {

class MatchCuda : public GpuOps {};

core::Image picture_of(core::Size size, int tint) {
  core::Image image = noise(size, 3, core::Depth::kU8, static_cast<unsigned>(tint));
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    std::uint8_t& value = image.row<std::uint8_t>(0)[i];
    value = static_cast<std::uint8_t>(value / 4 + static_cast<int>(i % 3 + 1) * tint + static_cast<int>(i / 97 % 60));
  }
  return image;
}

// Sides whose steps have fields of whole pixels and of some in part.
TEST_F(MatchCuda, EqualsTheCpuHalf) {
  for (const int side : {16, 20, 64, 112, 128, 224, 256, 320}) {
    const core::Image source = picture_of({side, side}, 30);
    const core::Image target = picture_of({side, side}, 11);
    const core::ImageView source_on_gpu = upload(source);
    const core::ImageView target_on_gpu = upload(target);
    const core::ImageView out = picture(target.size(), 3, core::Depth::kU8);
    auto* fields = static_cast<float*>(take(sizeof(float) * cuda::match_fields(side)));
    auto* scratch = static_cast<LikenessScratch*>(take(sizeof(LikenessScratch)));
    cuda::match_colour(stream(), out, source_on_gpu, target_on_gpu, fields);
    expect_equal(download(out), match_colour(source, target));
    const core::Size mask_size{side, side + 3};
    const std::array masks{noisy_mask(mask_size, -0.2F, 3), noisy_mask(mask_size, -0.2F, 4)};
    const std::array<core::ConstImageView, 2> masks_on_gpu{upload(masks[0]), upload(masks[1])};
    const core::ImageView mask = picture(mask_size, 1, core::Depth::kF32);
    const core::ImageView rows = picture(mask_size, 1, core::Depth::kF32);
    cuda::match_alike_colour(stream(), out, source_on_gpu, target_on_gpu, fields, scratch,
                             shrink_programs(mask, rows, masks_on_gpu));
    EXPECT_NEAR(download_values(&scratch->likeness, 1)[0], colour_likeness(source, target), 1e-12);
    expect_equal(download(out), match_alike_colour(source, target), __builtin_cpu_supports("avx2") ? 0 : 1);
    const std::array<core::ConstImageView, 2> views{masks[0], masks[1]};
    expect_equal(download(mask), shrunk_mask(combine_masks(views, mask_size)), blur_tolerance());
  }
}

// As a face is that was cut out wider than the target.
TEST_F(MatchCuda, TheSourceMayHaveAnotherSize) {
  const core::Image source = picture_of({300, 170}, 30);
  const core::Image target = picture_of({128, 128}, 11);
  const core::ImageView out = upload(target);
  auto* fields = static_cast<float*>(take(sizeof(float) * cuda::match_fields(128)));
  cuda::match_colour(stream(), out, upload(source), out, fields);
  expect_equal(download(out), match_colour(source, target));
}

TEST_F(MatchCuda, OtherPicturesAreRefused) {
  const core::ImageView wide = picture({64, 32}, 3, core::Depth::kU8);
  const core::ImageView small = picture({15, 15}, 3, core::Depth::kU8);
  EXPECT_THROW(cuda::match_colour(stream(), wide, wide, wide, nullptr), core::Error);
  EXPECT_THROW(cuda::match_colour(stream(), small, small, small, nullptr), core::Error);
}

}  // namespace
}  // namespace facegraph::ops
