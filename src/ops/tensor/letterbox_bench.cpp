// A frame to the 640x640 detector input, by frame height (16:9).
#include <vector>

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>

#include "ops/opencv.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::ops {
namespace {

void letterbox_640(benchmark::State& state) {
  const int height = static_cast<int>(state.range(0));
  core::Image frame(height * 16 / 9, height, 3);
  cv::Mat pixels = as_mat(frame.view());
  cv::setNumThreads(1);
  cv::randu(pixels, 0, 255);
  std::vector<float> tensor(3 * 640 * 640);
  const ValueTable table = value_table_offset(0, 255);
  LetterboxRatio ratio;
  const auto margin = static_cast<int>(state.range(1));
  for (auto _ : state) {
    letterbox(tensor, ratio, frame, {margin, margin, margin, margin}, {640, 640}, table);
  }
}
BENCHMARK(letterbox_640)
    ->ArgNames({"height", "margin"})
    ->ArgsProduct({{360, 720, 1080, 2160}, {0, 40}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace facegraph::ops
