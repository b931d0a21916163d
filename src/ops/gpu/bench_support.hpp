// Times what a GPU does.
#pragma once

#include <cstddef>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/types/image.hpp"
#include "device/buffer.hpp"
#include "device/gpu/gpu.hpp"
#include "device/gpu/stream.hpp"

namespace facegraph::ops {

// Device memory of a bench.
class GpuPictures {
 public:
  core::ImageView picture(device::Gpu& gpu, core::Size size, int channels, core::Depth depth) {
    const std::size_t row = static_cast<std::size_t>(size.width) * channels * core::bytes_of(depth);
    auto* data = static_cast<std::byte*>(take(gpu, row * size.height));
    return {data, size.width, size.height, channels, depth, static_cast<std::ptrdiff_t>(row)};
  }
  template <typename T>
  T* values(device::Gpu& gpu, std::size_t count) {
    return static_cast<T*>(take(gpu, count * sizeof(T)));
  }
  template <typename T>
  T* value(device::Gpu& gpu, const device::Stream& stream, const T& host) {
    T* on_gpu = values<T>(gpu, 1);
    gpu.upload(on_gpu, &host, sizeof(T), stream.handle());
    stream.wait();
    return on_gpu;
  }

 private:
  void* take(device::Gpu& gpu, std::size_t bytes) {
    return buffers_.emplace_back(gpu, bytes, device::Place::kDevice).data();
  }
  std::vector<device::Buffer> buffers_;
};

// work(stream) enqueues once what is measured. Skips where there is no GPU. prepare(gpu, stream) gives that work.
template <typename Prepare>
void time_on_gpu(benchmark::State& state, const Prepare& prepare) {
  if (!device::cuda_status().problem.empty()) {
    state.SkipWithError(device::cuda_status().problem.c_str());
    return;
  }
  device::Gpu& gpu = device::cuda_gpu(0);
  gpu.bind_thread();
  const device::Stream stream(gpu);
  const auto work = prepare(gpu, stream);
  device::Timer timer(stream);
  for (auto _ : state) {
    timer.start();
    work(stream);
    timer.stop();
    state.SetIterationTime(timer.microseconds() * 1e-6);
  }
}

}  // namespace facegraph::ops
