// Blend of 1920x1080 frames, a face of about 300 pixels pasted into one, and pixel boost, on a GPU beside the CPU half.
#include <cmath>

#include "ops/blend/blend.hpp"
#include "ops/blend/blend_cuda.hpp"
#include "ops/gpu/bench_support.hpp"
#include "ops/mask/mask.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{1920, 1080};
constexpr core::Size kTile{256, 256};

core::Affine face_matrix(int size) {
  const double a = size / 300.0 * std::cos(0.15);
  const double b = size / 300.0 * std::sin(0.15);
  return {{a, -b, size / 2.0 - a * 640 + b * 360, b, a, size / 2.0 - b * 640 - a * 360}};
}

void blend_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView below = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView above = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::blend(order, below, below, above, 0.8); };
  });
}
BENCHMARK(blend_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void blend_cpu(benchmark::State& state) {
  core::Image below = core::Image::zeros(kFrame.width, kFrame.height, 3);
  const core::Image above = core::Image::zeros(kFrame.width, kFrame.height, 3);
  for (auto _ : state) {
    blend(below, below, above, 0.8);
  }
}
BENCHMARK(blend_cpu)->Unit(benchmark::kMicrosecond);

void paste_gpu(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  const core::Size size{side, side};
  const core::Image mask = box_mask(size, 0.3, {});
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView crop = pictures.picture(gpu, size, 3, static_cast<core::Depth>(state.range(1)));
    const core::ImageView weights = pictures.picture(gpu, size, 1, core::Depth::kF32);
    gpu.upload(weights.data, mask.view().data, mask.bytes(), stream.handle());
    return [=](const device::Stream& order) { cuda::paste_back(order, frame, crop, weights, face_matrix(side)); };
  });
}
BENCHMARK(paste_gpu)
    ->ArgNames({"size", "depth"})
    ->ArgsProduct({{128, 256, 512}, {0, 1, 2}})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

void paste_cpu(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  const core::Image crop = core::Image::zeros(side, side, 3, static_cast<core::Depth>(state.range(1)));
  const core::Image mask = box_mask({side, side}, 0.3, {});
  for (auto _ : state) {
    paste_back(frame, crop, mask, face_matrix(side));
  }
}
BENCHMARK(paste_cpu)
    ->ArgNames({"size", "depth"})
    ->ArgsProduct({{128, 256, 512}, {0, 1, 2}})
    ->Unit(benchmark::kMicrosecond);

void implode_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView tile = pictures.picture(gpu, kTile, 3, core::Depth::kU8);
    const core::ImageView crop = pictures.picture(gpu, {512, 512}, 3, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::implode_tile(order, tile, crop, 2, 0, 1); };
  });
}
BENCHMARK(implode_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void implode_cpu(benchmark::State& state) {
  core::Image tile(kTile, 3);
  const core::Image crop = core::Image::zeros(512, 512, 3);
  for (auto _ : state) {
    implode_tile(tile, crop, 2, 0, 1);
  }
}
BENCHMARK(implode_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
