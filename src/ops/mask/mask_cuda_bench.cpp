// Masks of a face crop on a GPU beside the CPU half, by the crop's size.
#include <array>
#include <vector>

#include "ops/gpu/bench_support.hpp"
#include "ops/mask/mask_cuda.hpp"

namespace facegraph::ops {
namespace {

constexpr core::Size kOccluder{256, 256};
constexpr core::Size kParser{512, 512};
constexpr int kClasses = 19;
constexpr std::size_t kLogits = std::size_t{512} * 512 * kClasses;
constexpr std::array kAreas{FaceMaskArea::kUpperFace, FaceMaskArea::kLowerFace, FaceMaskArea::kMouth};
constexpr std::array kRegions{FaceMaskRegion::kSkin, FaceMaskRegion::kNose, FaceMaskRegion::kMouth};

core::Landmark68 ring(int side) {
  core::Landmark68 landmark;
  for (int i = 0; i < 68; ++i) {
    const int step = i * 5 % 68;
    landmark[i] = {side * (0.2 + 0.6 * step / 68), side * (step % 2 == 0 ? 0.3 : 0.7)};
  }
  return landmark;
}

core::Size square(const benchmark::State& state) {
  const int side = static_cast<int>(state.range(0));
  return {side, side};
}

struct GpuPlanes {
  core::ImageView out;
  core::ImageView rows;

  GpuPlanes(GpuPictures& pictures, device::Gpu& gpu, core::Size size)
      : out(pictures.picture(gpu, size, 1, core::Depth::kF32)),
        rows(pictures.picture(gpu, size, 1, core::Depth::kF32)) {}
};

void finish_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const GpuPlanes planes(pictures, gpu, square(state));
    return [=](const device::Stream& order) { cuda::finish_mask(order, planes.out, planes.rows, planes.out); };
  });
}
BENCHMARK(finish_gpu)->Arg(128)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void finish_cpu(benchmark::State& state) {
  const core::Image mask = core::Image::zeros(square(state).width, square(state).height, 1, core::Depth::kF32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(finish_mask(mask));
  }
}
BENCHMARK(finish_cpu)->Arg(128)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

void occlusion_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const GpuPlanes planes(pictures, gpu, square(state));
    const core::ConstImageView output = pictures.picture(gpu, kOccluder, 1, core::Depth::kF32);
    return [=](const device::Stream& order) {
      cuda::occlusion_mask(order, planes.out, planes.rows, std::span(&output, 1));
    };
  });
}
BENCHMARK(occlusion_gpu)->Arg(128)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void occlusion_cpu(benchmark::State& state) {
  const core::Image output = core::Image::zeros(256, 256, 1, core::Depth::kF32);
  const core::ConstImageView view = output;
  for (auto _ : state) {
    benchmark::DoNotOptimize(occlusion_mask(std::span(&view, 1), square(state)));
  }
}
BENCHMARK(occlusion_cpu)->Arg(128)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

void area_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const GpuPlanes planes(pictures, gpu, square(state));
    const core::Landmark68 landmark = ring(planes.out.width);
    return [=](const device::Stream& order) { cuda::area_mask(order, planes.out, planes.rows, landmark, kAreas); };
  });
}
BENCHMARK(area_gpu)->Arg(128)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void area_cpu(benchmark::State& state) {
  const core::Landmark68 landmark = ring(square(state).width);
  for (auto _ : state) {
    benchmark::DoNotOptimize(area_mask(square(state), landmark, kAreas));
  }
}
BENCHMARK(area_cpu)->Arg(128)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

void region_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const GpuPlanes planes(pictures, gpu, square(state));
    const core::ImageView map = pictures.picture(gpu, kParser, 1, core::Depth::kF32);
    const float* logits = pictures.values<float>(gpu, kLogits);
    return [=](const device::Stream& order) {
      cuda::region_mask(order, planes.out, planes.rows, map, logits, kLogits, kRegions);
    };
  });
}
BENCHMARK(region_gpu)->Arg(128)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void region_cpu(benchmark::State& state) {
  const std::vector<float> logits(kLogits);
  for (auto _ : state) {
    benchmark::DoNotOptimize(region_mask(square(state), logits, kParser, kRegions));
  }
}
BENCHMARK(region_cpu)->Arg(128)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

void combine_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const GpuPlanes planes(pictures, gpu, square(state));
    const std::array<core::ConstImageView, 2> masks{planes.out, planes.rows};
    return [=](const device::Stream& order) { cuda::combine_masks(order, planes.out, masks); };
  });
}
BENCHMARK(combine_gpu)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void combine_cpu(benchmark::State& state) {
  std::vector<core::Image> masks;
  masks.push_back(core::Image::zeros(square(state).width, square(state).height, 1, core::Depth::kF32));
  masks.push_back(core::Image::copy_of(masks[0]));
  const std::vector<core::ConstImageView> views(masks.begin(), masks.end());
  for (auto _ : state) {
    benchmark::DoNotOptimize(combine_masks(views, square(state)));
  }
}
BENCHMARK(combine_cpu)->Arg(256)->Arg(512)->Unit(benchmark::kMicrosecond);

void quantised_gpu(benchmark::State& state) {
  GpuPictures pictures;
  time_on_gpu(state, [&](device::Gpu& gpu, const device::Stream&) {
    const core::ConstImageView mask = pictures.picture(gpu, square(state), 1, core::Depth::kF32);
    const core::ImageView out = pictures.picture(gpu, square(state), 1, core::Depth::kU8);
    return [=](const device::Stream& order) { cuda::quantised(order, out, mask); };
  });
}
BENCHMARK(quantised_gpu)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond);

void quantised_cpu(benchmark::State& state) {
  const core::Image mask = core::Image::zeros(square(state).width, square(state).height, 1, core::Depth::kF32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(quantised(mask));
  }
}
BENCHMARK(quantised_cpu)->Arg(512)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
