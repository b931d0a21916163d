// Suppression of a detector's candidates and the norms of embeddings, on a GPU beside the CPU half.
#include "ops/face/face_cuda.hpp"
#include "ops/face/test_support.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::ops {
namespace {

ScoredBoxes candidates(int count) {
  std::mt19937 random(1);
  return random_boxes(random, count);
}

template <typename T>
T* upload(GpuPictures& memory, device::Gpu& gpu, const device::Stream& stream, const std::vector<T>& values) {
  T* on_gpu = memory.values<T>(gpu, values.size());
  gpu.upload(on_gpu, values.data(), values.size() * sizeof(T), stream.handle());
  stream.wait();
  return on_gpu;
}

void suppress_gpu(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  GpuPictures memory;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const ScoredBoxes all = candidates(count);
    const auto* boxes = upload(memory, gpu, stream, all.boxes);
    const auto* scores = upload(memory, gpu, stream, all.scores);
    const cuda::Kept kept{memory.values<int>(gpu, all.boxes.size()), memory.values<int>(gpu, 1)};
    int* scratch = memory.values<int>(gpu, cuda::suppress_scratch(count));
    return
        [=](const device::Stream& order) { cuda::suppress(order, kept, boxes, scores, {count}, 0.5F, 0.4F, scratch); };
  });
}
BENCHMARK(suppress_gpu)->Arg(16)->Arg(128)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

void suppress_cpu(benchmark::State& state) {
  const ScoredBoxes all = candidates(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(suppress(all.boxes, all.scores, 0.5F, 0.4F));
  }
}
BENCHMARK(suppress_cpu)->Arg(16)->Arg(128)->Arg(1024)->Unit(benchmark::kMicrosecond);

void normalised_gpu(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  GpuPictures memory;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const auto* in = upload(memory, gpu, stream, random_embeddings(count));
    auto* out = memory.values<core::Embedding>(gpu, static_cast<std::size_t>(count));
    auto* norms = memory.values<float>(gpu, static_cast<std::size_t>(count));
    return [=](const device::Stream& order) { cuda::normalised(order, out, norms, in, {count}); };
  });
}
BENCHMARK(normalised_gpu)->Arg(1)->Arg(32)->UseManualTime()->Unit(benchmark::kMicrosecond);

void normalised_cpu(benchmark::State& state) {
  const std::vector<core::Embedding> in = random_embeddings(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    for (const core::Embedding& embedding : in) {
      benchmark::DoNotOptimize(normalised(embedding));
    }
  }
}
BENCHMARK(normalised_cpu)->Arg(1)->Arg(32)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
