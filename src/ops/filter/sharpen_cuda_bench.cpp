// A face crop of 224 on a GPU beside the CPU halves.
#include "ops/filter/sharpen_cuda.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{224, 224};
constexpr std::size_t kValues = std::size_t{3} * 224 * 224;

void sharpen_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView in = pictures.picture(gpu, kSize, 3, core::Depth::kU8);
    auto* rows = pictures.values<std::uint16_t>(gpu, kValues);
    const std::span<float> out(pictures.values<float>(gpu, kValues), kValues);
    const auto* table = pictures.values<ValueTable>(gpu, 1);
    return [=](const device::Stream& order) {
      cuda::sharpened_to_tensor(order, out, in, rows, table, ChannelOrder::kBgr, Layout::kHwc);
    };
  });
}
BENCHMARK(sharpen_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void sharpen_cpu(benchmark::State& state) {
  const core::Image in = core::Image::zeros(kSize.width, kSize.height, 3);
  const ValueTable table = value_table({0, 0, 0}, {1, 1, 1});
  std::vector<float> out(kValues);
  for (auto _ : state) {
    to_tensor(out, sharpened(in), table, ChannelOrder::kBgr, Layout::kHwc);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(sharpen_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
