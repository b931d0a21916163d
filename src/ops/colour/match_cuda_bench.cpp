// A face of 224 gets the colours of another, and its mask is shrunk, on a GPU beside the CPU halves.
#include "ops/colour/match_cuda.hpp"
#include "ops/gpu/bench_support.hpp"
#include "ops/mask/mask.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{224, 224};

void match_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView source = pictures.picture(gpu, kSize, 3, core::Depth::kU8);
    const core::ImageView target = pictures.picture(gpu, kSize, 3, core::Depth::kU8);
    const core::ImageView out = pictures.picture(gpu, kSize, 3, core::Depth::kU8);
    auto* fields = pictures.values<float>(gpu, cuda::match_fields(kSize.height));
    auto* scratch = pictures.values<LikenessScratch>(gpu, 1);
    const core::ImageView mask = pictures.picture(gpu, kSize, 1, core::Depth::kF32);
    const core::ImageView rows = pictures.picture(gpu, kSize, 1, core::Depth::kF32);
    const core::ConstImageView whole = pictures.picture(gpu, kSize, 1, core::Depth::kF32);
    const ShrinkPrograms shrinking = shrink_programs(mask, rows, std::span(&whole, 1));
    return [=](const device::Stream& order) {
      cuda::match_alike_colour(order, out, source, target, fields, scratch, shrinking);
    };
  });
}
BENCHMARK(match_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void match_cpu(benchmark::State& state) {
  const core::Image source = core::Image::zeros(kSize.width, kSize.height, 3);
  const core::Image target = core::Image::zeros(kSize.width, kSize.height, 3);
  const core::Image mask = core::Image::zeros(kSize.width, kSize.height, 1, core::Depth::kF32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(match_alike_colour(source, target));
    benchmark::DoNotOptimize(shrunk_mask(mask));
  }
}
BENCHMARK(match_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
