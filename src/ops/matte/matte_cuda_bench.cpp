// What background_remover does to a 1920x1080 frame and its network's output, on a GPU beside the CPU half.
#include <vector>

#include "ops/gpu/bench_support.hpp"
#include "ops/matte/matte_cuda.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{1920, 1080};
constexpr core::Size kNetwork{1024, 1024};
constexpr std::size_t kPixels = std::size_t{1024} * 1024;
constexpr Rgba kColour{12, 200, 33, 128};

void matte_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView mask = pictures.picture(gpu, kNetwork, 1, core::Depth::kU8);
    const std::span<const float> values(pictures.values<float>(gpu, kPixels), kPixels);
    return [=](const device::Stream& order) { cuda::matte_to_mask(order, mask, values); };
  });
}
BENCHMARK(matte_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void matte_cpu(benchmark::State& state) {
  core::Image mask(kNetwork, 1);
  const std::vector<float> values(kPixels, 0.4F);
  for (auto _ : state) {
    matte_to_mask(mask, values);
  }
}
BENCHMARK(matte_cpu)->Unit(benchmark::kMicrosecond);

void classes_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView mask = pictures.picture(gpu, kNetwork, 1, core::Depth::kU8);
    const std::span<const float> values(pictures.values<float>(gpu, 4 * kPixels), 4 * kPixels);
    return [=](const device::Stream& order) { cuda::classes_to_mask(order, mask, values); };
  });
}
BENCHMARK(classes_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void classes_cpu(benchmark::State& state) {
  core::Image mask(kNetwork, 1);
  const std::vector<float> values(4 * kPixels, 0.4F);
  for (auto _ : state) {
    classes_to_mask(mask, values);
  }
}
BENCHMARK(classes_cpu)->Unit(benchmark::kMicrosecond);

void hint_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const std::span<float> hint(pictures.values<float>(gpu, kPixels), kPixels);
    return [=](const device::Stream& order) { cuda::green_to_hint(order, hint, frame, kNetwork); };
  });
}
BENCHMARK(hint_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void hint_cpu(benchmark::State& state) {
  const core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  std::vector<float> hint(kPixels);
  for (auto _ : state) {
    green_to_hint(hint, frame, kNetwork);
  }
}
BENCHMARK(hint_cpu)->Unit(benchmark::kMicrosecond);

void despill_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::despill(order, frame, kColour); };
  });
}
BENCHMARK(despill_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void despill_cpu(benchmark::State& state) {
  core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  for (auto _ : state) {
    despill(frame, kColour);
  }
}
BENCHMARK(despill_cpu)->Unit(benchmark::kMicrosecond);

void fill_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView mask = pictures.picture(gpu, kFrame, 1, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::fill_background(order, frame, mask, kColour); };
  });
}
BENCHMARK(fill_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void fill_cpu(benchmark::State& state) {
  core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  const core::Image mask = core::Image::zeros(kFrame.width, kFrame.height, 1);
  for (auto _ : state) {
    fill_background(frame, mask, kColour);
  }
}
BENCHMARK(fill_cpu)->Unit(benchmark::kMicrosecond);

void intersect_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView mask = pictures.picture(gpu, kFrame, 1, core::Depth::kU8);
    const core::ImageView other = pictures.picture(gpu, kFrame, 1, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::intersect_masks(order, mask, other); };
  });
}
BENCHMARK(intersect_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void intersect_cpu(benchmark::State& state) {
  core::Image mask = core::Image::zeros(kFrame.width, kFrame.height, 1);
  const core::Image other = core::Image::zeros(kFrame.width, kFrame.height, 1);
  for (auto _ : state) {
    intersect_masks(mask, other);
  }
}
BENCHMARK(intersect_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
