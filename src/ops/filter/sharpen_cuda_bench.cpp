// A face crop of 224 on a GPU beside the CPU half.
#include "ops/filter/sharpen_cuda.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{224, 224};

void sharpen_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView in = pictures.picture(gpu, kSize, 3, core::Depth::kU8);
    const core::ImageView out = pictures.picture(gpu, kSize, 3, core::Depth::kU8);
    auto* rows = pictures.values<std::uint16_t>(gpu, std::size_t{3} * 224 * 224);
    return [=](const device::Stream& order) { cuda::sharpened(order, out, in, rows); };
  });
}
BENCHMARK(sharpen_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void sharpen_cpu(benchmark::State& state) {
  const core::Image in = core::Image::zeros(kSize.width, kSize.height, 3);
  for (auto _ : state) {
    benchmark::DoNotOptimize(sharpened(in));
  }
}
BENCHMARK(sharpen_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
