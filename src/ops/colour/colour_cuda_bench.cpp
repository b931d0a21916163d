// Colour steps of 1920x1080 frames and of a 256x256 crop on a GPU beside the CPU half.
#include <vector>

#include "ops/colour/colorize.hpp"
#include "ops/colour/colour.hpp"
#include "ops/colour/colour_cuda.hpp"
#include "ops/gpu/bench_support.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kFrame{1920, 1080};
constexpr core::Size kHalf{960, 540};
constexpr core::Size kNetwork{512, 512};
constexpr core::Size kCrop{256, 256};
constexpr std::size_t kPlane = std::size_t{512} * 512;

core::Image black_frame() {
  return core::Image::zeros(kFrame.width, kFrame.height, 3);
}

// work(stream, frame, out): out is a picture like the frame.
template <typename Work>
void time_on_frame(benchmark::State& state, GpuPictures& pictures, const Work& prepare) {
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::ImageView frame = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const core::ImageView out = pictures.picture(gpu, kFrame, 3, core::Depth::kU8);
    const auto work = prepare(gpu, stream);
    return [=](const device::Stream& order) { work(order, frame, out); };
  });
}

void colorize_in_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_frame(state, pictures, [&](device::Gpu& gpu, const device::Stream& stream) {
    const std::span<float> tensor(pictures.values<float>(gpu, 3 * kPlane), 3 * kPlane);
    const auto* greys = pictures.value(gpu, stream, ddcolor_greys());
    const bool is_ddcolor = state.range(0) == 0;
    return [=](const device::Stream& order, core::ImageView frame, core::ImageView) {
      is_ddcolor ? cuda::ddcolor_input(order, tensor, frame, kNetwork, greys)
                 : cuda::deoldify_input(order, tensor, frame, kNetwork);
    };
  });
}
BENCHMARK(colorize_in_gpu)->ArgName("deoldify")->Arg(0)->Arg(1)->UseManualTime()->Unit(benchmark::kMicrosecond);

void colorize_in_cpu(benchmark::State& state) {
  const core::Image frame = black_frame();
  std::vector<float> tensor(3 * kPlane);
  for (auto _ : state) {
    state.range(0) == 0 ? ddcolor_input(tensor, frame, kNetwork) : deoldify_input(tensor, frame, kNetwork);
  }
}
BENCHMARK(colorize_in_cpu)->ArgName("deoldify")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void colorize_out_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_frame(state, pictures, [&](device::Gpu& gpu, const device::Stream& stream) {
    const float* tensor = pictures.values<float>(gpu, 3 * kPlane);
    const LightnessGrid* grid = pictures.value(gpu, stream, lightness_grid());
    const LabTables* tables = pictures.value(gpu, stream, lab_tables());
    const bool is_ddcolor = state.range(0) == 0;
    return [=](const device::Stream& order, core::ImageView frame, core::ImageView out) {
      is_ddcolor ? cuda::ddcolor_output(order, out, frame, {tensor, 2 * kPlane}, kNetwork, grid)
                 : cuda::deoldify_output(order, out, frame, {tensor, 3 * kPlane}, kNetwork, tables);
    };
  });
}
BENCHMARK(colorize_out_gpu)->ArgName("deoldify")->Arg(0)->Arg(1)->UseManualTime()->Unit(benchmark::kMicrosecond);

void colorize_out_cpu(benchmark::State& state) {
  const core::Image frame = black_frame();
  core::Image out(kFrame, 3);
  const std::vector<float> tensor(3 * kPlane);
  for (auto _ : state) {
    state.range(0) == 0 ? ddcolor_output(out, frame, std::span(tensor).first(2 * kPlane), kNetwork)
                        : deoldify_output(out, frame, tensor, kNetwork);
  }
}
BENCHMARK(colorize_out_cpu)->ArgName("deoldify")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// A black crop takes the equalisation too.
void contrast_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream& stream) {
    const core::Image black = core::Image::zeros(kCrop.width, kCrop.height, 3);
    const core::ImageView crop = pictures.picture(gpu, kCrop, 3, core::Depth::kU8);
    const core::ImageView lab = pictures.picture(gpu, kCrop, 3, core::Depth::kU8);
    gpu.upload(crop.data, black.view().data, black.bytes(), stream.handle());
    const LabTables* tables = pictures.value(gpu, stream, lab_tables());
    auto* scratch = pictures.values<ContrastScratch>(gpu, 1);
    return [=](const device::Stream& order) { cuda::balance_contrast(order, crop, lab, tables, scratch); };
  });
}
BENCHMARK(contrast_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void contrast_cpu(benchmark::State& state) {
  core::Image crop = core::Image::zeros(kCrop.width, kCrop.height, 3);
  for (auto _ : state) {
    balance_contrast(crop);
  }
}
BENCHMARK(contrast_cpu)->Unit(benchmark::kMicrosecond);

void alpha_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_frame(state, pictures, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView merged = pictures.picture(gpu, kFrame, 4, core::Depth::kU8);
    const core::ImageView alpha = pictures.picture(gpu, kFrame, 1, core::Depth::kU8);
    int* is_opaque = pictures.values<int>(gpu, 1);
    return [=](const device::Stream& order, core::ImageView frame, core::ImageView out) {
      cuda::merge_alpha(order, merged, frame, alpha, is_opaque);
      cuda::extract_alpha(order, alpha, merged);
      cuda::first_three_channels(order, out, merged);
    };
  });
}
BENCHMARK(alpha_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void alpha_cpu(benchmark::State& state) {
  const core::Image frame = black_frame();
  core::Image alpha = core::Image::zeros(kFrame.width, kFrame.height, 1);
  for (auto _ : state) {
    const core::Image merged = merge_alpha(frame, alpha);
    alpha = extract_alpha(merged);
    benchmark::DoNotOptimize(first_three_channels(merged));
  }
}
BENCHMARK(alpha_cpu)->Unit(benchmark::kMicrosecond);

void yuv_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_frame(state, pictures, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ImageView out = pictures.picture(gpu, i420_size(kFrame), 1, core::Depth::kU8);
    return [=](const device::Stream& order, core::ImageView frame, core::ImageView) {
      cuda::bgr_to_yuv420(order, i420_planes(out), frame);
    };
  });
}
BENCHMARK(yuv_gpu)->UseManualTime()->Unit(benchmark::kMicrosecond);

void yuv_cpu(benchmark::State& state) {
  const core::Image frame = black_frame();
  core::Image out(i420_size(kFrame), 1);
  for (auto _ : state) {
    bgr_to_yuv420(i420_planes(out), frame);
  }
}
BENCHMARK(yuv_cpu)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
