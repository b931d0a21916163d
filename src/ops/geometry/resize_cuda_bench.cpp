// Resizing on a GPU beside the CPU half: a frame 1920x1080 of 8 bits to 800x450.

#include "ops/geometry/resize_cuda.hpp"
#include "ops/gpu/bench_support.hpp"
#include "ops/threads.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{1920, 1080};
constexpr core::Size kSmall{800, 450};

void resize_gpu(benchmark::State& state) {
  const auto interpolation = static_cast<Interpolation>(state.range(0));
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView small = pictures.picture(gpu, kSmall, 3, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::resize(order, small, frame, interpolation); };
  });
}
// linear, area, cubic
BENCHMARK(resize_gpu)->DenseRange(0, 2)->UseManualTime()->Unit(benchmark::kMicrosecond);

void resize_cpu(benchmark::State& state) {
  set_operator_threads(1);
  const core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  core::Image small(kSmall, 3);
  for (auto _ : state) {
    resize(small, frame, static_cast<Interpolation>(state.range(0)));
  }
}
BENCHMARK(resize_cpu)->DenseRange(0, 2)->Unit(benchmark::kMicrosecond);

void fit_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView small = pictures.picture(gpu, {384, 384}, 3, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::fit_contain(order, small, frame); };
  });
}
BENCHMARK(fit_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void fit_cpu(benchmark::State& state) {
  set_operator_threads(1);
  const core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  core::Image small({384, 384}, 3);
  for (auto _ : state) {
    fit_contain(small, frame);
  }
}
BENCHMARK(fit_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
