// warp_affine beside cv::warpAffine on one thread: a rotated and scaled face crop out of a 1280x720 frame.
#include <cmath>

#include <benchmark/benchmark.h>
#include <opencv2/imgproc.hpp>

#include "ops/geometry/warp.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {
namespace {

core::Image noise(int width, int height, int channels, core::Depth depth) {
  core::Image image(width, height, channels, depth);
  cv::Mat pixels = as_mat(image.view());
  cv::randu(pixels, 0, 255);
  return image;
}

core::Affine face_matrix(int size) {
  const double scale = size / 400.0;
  const double a = scale * std::cos(0.2);
  const double b = scale * std::sin(0.2);
  return {{a, -b, size / 2.0 - a * 640 + b * 360, b, a, size / 2.0 - b * 640 - a * 360}};
}

void arguments(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"size", "depth", "channels"})->Unit(benchmark::kMicrosecond);
  for (const int size : {112, 256, 512}) {
    for (const core::Depth depth : {core::Depth::kU8, core::Depth::kF32, core::Depth::kF64}) {
      bench->Args({size, static_cast<int>(depth), 3});
    }
  }
  bench->Args({512, static_cast<int>(core::Depth::kF32), 1});
}

struct Pictures {
  explicit Pictures(const benchmark::State& state)
      : size(static_cast<int>(state.range(0))),
        in(noise(1280, 720, static_cast<int>(state.range(2)), static_cast<core::Depth>(state.range(1)))),
        out(size, size, in.channels(), in.depth()) {}
  int size;
  core::Image in;
  core::Image out;
};

void warp(benchmark::State& state) {
  Pictures pictures(state);
  for (auto _ : state) {
    warp_affine(pictures.out, pictures.in, face_matrix(pictures.size), Border::kReplicate);
  }
}
BENCHMARK(warp)->Apply(arguments);

void warp_opencv(benchmark::State& state) {
  Pictures pictures(state);
  cv::setNumThreads(1);
  const core::Affine matrix = face_matrix(pictures.size);
  const cv::Matx23d cv_matrix(matrix.m.data());
  cv::Mat target = as_mat(pictures.out.view());
  for (auto _ : state) {
    cv::warpAffine(as_mat(pictures.in.view()), target, cv_matrix, target.size(), cv::INTER_LINEAR,
                   cv::BORDER_REPLICATE);
  }
}
BENCHMARK(warp_opencv)->Apply(arguments);

}  // namespace
}  // namespace facegraph::ops
