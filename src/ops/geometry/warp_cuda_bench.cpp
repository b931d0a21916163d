// warp_affine on a GPU beside the CPU half: a rotated and scaled face crop out of a 1920x1080 frame.
#include <cmath>

#include "device/buffer.hpp"
#include "ops/geometry/warp_cuda.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{1920, 1080};

core::Affine face_matrix(int size) {
  const double scale = size / 400.0;
  const double a = scale * std::cos(0.2);
  const double b = scale * std::sin(0.2);
  return {{a, -b, size / 2.0 - a * 640 + b * 360, b, a, size / 2.0 - b * 640 - a * 360}};
}

void warp_gpu(benchmark::State& state) {
  const int size = static_cast<int>(state.range(0));
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView crop = pictures.picture(gpu, {size, size}, 3, core::Depth::kU8);
    const core::Affine* matrix = pictures.value(gpu, stream, face_matrix(size));
    return [=](const device::Stream& order) { cuda::warp_affine(order, crop, frame, matrix, Border::kReplicate); };
  });
}
BENCHMARK(warp_gpu)->Arg(112)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void warp_cpu(benchmark::State& state) {
  const int size = static_cast<int>(state.range(0));
  const core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  core::Image crop({size, size}, 3);
  for (auto _ : state) {
    warp_affine(crop, frame, face_matrix(size), Border::kReplicate);
  }
}
BENCHMARK(warp_cpu)->Arg(112)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
