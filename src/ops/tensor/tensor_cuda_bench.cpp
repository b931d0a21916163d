// A frame to a detector's input, a crop to a tensor and back, heat maps to their maxima, on a GPU beside the CPU half.
#include "ops/gpu/bench_support.hpp"
#include "ops/tensor/maxima_cuda.hpp"
#include "ops/tensor/tensor_cuda.hpp"
#include "ops/threads.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kInput{640, 640};
constexpr core::Size kCrop{512, 512};
constexpr core::Size kFrame{1920, 1080};

std::size_t elements_of(core::Size size) {
  return static_cast<std::size_t>(size.width) * size.height * 3;
}

void letterbox_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const std::span<float> out(pictures.values<float>(gpu, elements_of(kInput)), elements_of(kInput));
    const ValueTable* table = pictures.value(gpu, stream, value_table_offset(0, 255));
    return [=](const device::Stream& order) {
      LetterboxRatio ratio;
      cuda::letterbox(order, out, ratio, frame, {}, kInput, table);
    };
  });
}
BENCHMARK(letterbox_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void letterbox_cpu(benchmark::State& state) {
  set_operator_threads(1);
  const core::Image frame = core::Image::zeros(kFrame.width, kFrame.height, 3);
  std::vector<float> out(elements_of(kInput));
  const ValueTable table = value_table_offset(0, 255);
  LetterboxRatio ratio;
  for (auto _ : state) {
    letterbox(out, ratio, frame, {}, kInput, table);
  }
}
BENCHMARK(letterbox_cpu)->Unit(benchmark::kMicrosecond);

constexpr std::size_t kMaps = 68;
constexpr std::size_t kMapSize = 64 * 64;

void row_maxima_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const std::span<float> maps(pictures.values<float>(gpu, kMaps * kMapSize), kMaps * kMapSize);
    const std::span<float> out(pictures.values<float>(gpu, kMaps), kMaps);
    auto* scratch = pictures.values<float>(gpu, kMaps * cuda::kMaximaParts);
    return [=](const device::Stream& order) { cuda::row_maxima(order, out, maps, scratch); };
  });
}
BENCHMARK(row_maxima_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void row_maxima_cpu(benchmark::State& state) {
  const std::vector<float> maps(kMaps * kMapSize);
  std::vector<float> out(kMaps);
  for (auto _ : state) {
    row_maxima(out, maps);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(row_maxima_cpu)->Unit(benchmark::kMicrosecond);

void to_tensor_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::ImageView crop = pictures.picture(gpu, kCrop, 3, core::Depth::kU8);
    const std::span<float> out(pictures.values<float>(gpu, elements_of(kCrop)), elements_of(kCrop));
    const ValueTable* table = pictures.value(gpu, stream, value_table_offset(0, 255));
    return [=](const device::Stream& order) {
      cuda::to_tensor(order, out, crop, table, ChannelOrder::kRgb, Layout::kChw);
    };
  });
}
BENCHMARK(to_tensor_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void to_tensor_cpu(benchmark::State& state) {
  const core::Image crop = core::Image::zeros(kCrop.width, kCrop.height, 3);
  std::vector<float> out(elements_of(kCrop));
  const ValueTable table = value_table_offset(0, 255);
  for (auto _ : state) {
    to_tensor(out, crop, table, ChannelOrder::kRgb, Layout::kChw);
  }
}
BENCHMARK(to_tensor_cpu)->Unit(benchmark::kMicrosecond);

// 0: float_to_tensor, 1: to_image, 2: to_picture, 3: interleaved_to_picture
void floats_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView wide = pictures.picture(gpu, kCrop, 3, core::Depth::kF64);
    const core::ImageView crop = pictures.picture(gpu, kCrop, 3, core::Depth::kU8);
    const std::span<float> tensor(pictures.values<float>(gpu, elements_of(kCrop)), elements_of(kCrop));
    const auto which = state.range(0);
    return [=](const device::Stream& order) {
      if (which == 0) {
        cuda::float_to_tensor(order, tensor, wide, {0, 0, 0}, {1, 1, 1}, ChannelOrder::kRgb, Layout::kChw);
      } else if (which == 1) {
        cuda::to_image(order, wide, tensor, 0.5, 0.5);
      } else if (which == 2) {
        cuda::to_picture(order, crop, tensor, Rounding::kNearest);
      } else {
        cuda::interleaved_to_picture(order, crop, tensor);
      }
    };
  });
}
BENCHMARK(floats_gpu)->DenseRange(0, 3)->UseManualTime()->Unit(benchmark::kMicrosecond);

void floats_cpu(benchmark::State& state) {
  const core::Image source = core::Image::zeros(kCrop.width, kCrop.height, 3, core::Depth::kF64);
  core::Image wide(kCrop, 3, core::Depth::kF64);
  core::Image crop(kCrop, 3);
  std::vector<float> tensor(elements_of(kCrop));
  for (auto _ : state) {
    if (state.range(0) == 0) {
      float_to_tensor(tensor, source, {0, 0, 0}, {1, 1, 1}, ChannelOrder::kRgb, Layout::kChw);
    } else if (state.range(0) == 1) {
      to_image(wide, tensor, 0.5, 0.5);
    } else if (state.range(0) == 2) {
      to_picture(crop, tensor, Rounding::kNearest);
    } else {
      interleaved_to_picture(crop, tensor);
    }
  }
}
BENCHMARK(floats_cpu)->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
