// Raw outputs at 640x640 to candidates, on a GPU beside the CPU half.
#include "analysers/detector/candidates.hpp"
#include "analysers/detector/decode_cuda.hpp"
#include "analysers/detector/test_support.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::analysers {
namespace {

constexpr int kCapacity = 1024;
constexpr int kYoloRows = 8400;
constexpr int kHits = 10;

class Memory : public ops::GpuPictures {
 public:
  const float* upload(device::Gpu& gpu, const device::Stream& stream, const std::vector<float>& host) {
    auto* on_gpu = values<float>(gpu, host.size());
    gpu.upload(on_gpu, host.data(), host.size() * sizeof(float), stream.handle());
    stream.wait();
    return on_gpu;
  }
  CandidateList list(device::Gpu& gpu) {
    return {values<core::BoundingBox>(gpu, kCapacity), values<float>(gpu, kCapacity),
            values<core::Landmark5>(gpu, kCapacity), values<int>(gpu, 1), kCapacity};
  }
};

void anchors_gpu(benchmark::State& state) {
  Memory memory;
  ops::time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const auto raw = random_strides(AnchorRows::kPerCell, kHits, 1);
    std::array<AnchorRows, 3> rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] = {memory.upload(gpu, stream, raw[i].scores),
                 memory.upload(gpu, stream, raw[i].boxes),
                 memory.upload(gpu, stream, raw[i].points),
                 static_cast<int>(raw[i].scores.size()),
                 kDetectorStrides[i],
                 kDetectorInput};
    }
    const CandidateList list = memory.list(gpu);
    auto* scratch = memory.values<DecodeScratch>(gpu, 1);
    return [=](const device::Stream& order) {
      cuda::clear(order, list);
      cuda::decode(order, list, rows, 0.5F, kDetectorRatio, {}, scratch);
    };
  });
}
BENCHMARK(anchors_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void anchors_cpu(benchmark::State& state) {
  const auto raw = random_strides(AnchorRows::kPerCell, kHits, 1);
  for (auto _ : state) {
    Detections found;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      append_candidates(found,
                        AnchorRows{raw[i].scores.data(), raw[i].boxes.data(), raw[i].points.data(),
                                   static_cast<int>(raw[i].scores.size()), kDetectorStrides[i], kDetectorInput},
                        0.5F, kDetectorRatio, {});
    }
    benchmark::DoNotOptimize(found.boxes.data());
  }
}
BENCHMARK(anchors_cpu)->Unit(benchmark::kMicrosecond);

void yolo_gpu(benchmark::State& state) {
  Memory memory;
  ops::time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const YoloSets rows{{{memory.upload(gpu, stream, random_planes(kYoloRows, kHits, 1)), kYoloRows}}};
    const CandidateList list = memory.list(gpu);
    auto* scratch = memory.values<DecodeScratch>(gpu, 1);
    return [=](const device::Stream& order) {
      cuda::clear(order, list);
      cuda::decode(order, list, rows, 0.5F, kDetectorRatio, {}, scratch);
    };
  });
}
BENCHMARK(yolo_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void yolo_cpu(benchmark::State& state) {
  const std::vector<float> planes = random_planes(kYoloRows, kHits, 1);
  for (auto _ : state) {
    Detections found;
    append_candidates(found, YoloRows{planes.data(), kYoloRows}, 0.5F, kDetectorRatio, {});
    benchmark::DoNotOptimize(found.boxes.data());
  }
}
BENCHMARK(yolo_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::analysers
