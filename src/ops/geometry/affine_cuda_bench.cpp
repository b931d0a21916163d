// The similarities of a frame's faces on a GPU beside the CPU half.
#include "ops/face/test_support.hpp"
#include "ops/geometry/affine_cuda.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kSize{256, 256};

void estimate_similarity_gpu(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  GpuPictures memory;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const std::vector<core::Landmark5> fives = random_fives(count + 2);
    auto* points = memory.values<core::Landmark5>(gpu, fives.size());
    gpu.upload(points, fives.data(), fives.size() * sizeof(core::Landmark5), stream.handle());
    stream.wait();
    auto* matrices = memory.values<core::Affine>(gpu, fives.size());
    auto* valid = memory.values<std::uint8_t>(gpu, fives.size());
    return [=](const device::Stream& order) {
      cuda::estimate_similarity(order, matrices, valid, points, {count}, WarpTemplate::kArcface128, kSize);
    };
  });
}
BENCHMARK(estimate_similarity_gpu)->Arg(1)->Arg(32)->UseManualTime()->Unit(benchmark::kMicrosecond);

void estimate_similarity_cpu(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::vector<core::Landmark5> fives = random_fives(static_cast<int>(count) + 2);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) {
      benchmark::DoNotOptimize(estimate_similarity(fives[i], WarpTemplate::kArcface128, kSize));
    }
  }
}
BENCHMARK(estimate_similarity_cpu)->Arg(1)->Arg(32)->Unit(benchmark::kMicrosecond);

void transform_points_gpu(benchmark::State& state) {
  constexpr int kFaces = 32;
  GpuPictures memory;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const std::vector<core::Affine> identities(kFaces, core::Affine{{1, 0, 0, 0, 1, 0}});
    auto* matrices = memory.values<core::Affine>(gpu, kFaces);
    gpu.upload(matrices, identities.data(), kFaces * sizeof(core::Affine), stream.handle());
    auto* points = memory.values<core::Landmark68>(gpu, kFaces);
    const std::vector<core::Landmark68> zeros(kFaces);
    gpu.upload(points, zeros.data(), kFaces * sizeof(core::Landmark68), stream.handle());
    stream.wait();
    return [=](const device::Stream& order) {
      cuda::transform_points_f32(order, reinterpret_cast<core::Point*>(points), 68, matrices, {kFaces});
    };
  });
}
BENCHMARK(transform_points_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void transform_points_cpu(benchmark::State& state) {
  std::vector<core::Landmark68> landmarks(32);
  const core::Affine identity{{1, 0, 0, 0, 1, 0}};
  for (auto _ : state) {
    for (core::Landmark68& landmark : landmarks) {
      transform_points_f32(identity, landmark);
    }
    benchmark::DoNotOptimize(landmarks.data());
  }
}
BENCHMARK(transform_points_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
