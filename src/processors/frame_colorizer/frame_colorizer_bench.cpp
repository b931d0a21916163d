// One frame through frame_colorizer, on one thread: milliseconds in the model and around it. The stand-in models are
// far smaller than the real ones, so the time around is what to look at.
#include <benchmark/benchmark.h>

#include "ops/threads.hpp"
#include "processors/test_support.hpp"

namespace facegraph::processors {
namespace {

void frame_colorizer(benchmark::State& state, const char* model) {
  ops::set_operator_threads(1);
  ProcessorBench bench("frame_colorizer", {{"frame-colorizer-model", {model}}});
  const core::Size size{static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
  for (auto _ : state) {
    bench.process(ProcessorBench::frame(size));
  }
  bench.count(state);
}
BENCHMARK_CAPTURE(frame_colorizer, ddcolor, "ddcolor")
    ->Args({1280, 720})
    ->Args({1920, 1080})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frame_colorizer, deoldify, "deoldify")
    ->Args({1280, 720})
    ->Args({1920, 1080})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace facegraph::processors
