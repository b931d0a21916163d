// A square crop pasted over a face of about 300 pixels in a 1280x720 frame, by crop size and depth.
#include <cmath>

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>

#include "ops/blend/paste_back.hpp"
#include "ops/mask/mask.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {
namespace {

core::Image noise(core::Size size, core::Depth depth) {
  core::Image image(size, 3, depth);
  cv::Mat pixels = as_mat(image.view());
  cv::randu(pixels, 0, 255);
  return image;
}

void paste(benchmark::State& state) {
  const int size = static_cast<int>(state.range(0));
  core::Image frame = noise({1280, 720}, core::Depth::kU8);
  const core::Image crop = noise({size, size}, static_cast<core::Depth>(state.range(1)));
  const core::Image mask = box_mask({size, size}, 0.3, {});
  const double a = size / 300.0 * std::cos(0.15);
  const double b = size / 300.0 * std::sin(0.15);
  const core::Affine matrix{{a, -b, size / 2.0 - a * 640 + b * 360, b, a, size / 2.0 - b * 640 - a * 360}};
  for (auto _ : state) {
    paste_back(frame, crop, mask, matrix);
  }
}
BENCHMARK(paste)->ArgNames({"size", "depth"})->ArgsProduct({{128, 256, 512}, {0, 1, 2}})->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
