// One frame through background_remover, on one thread: milliseconds in the model and around it. The stand-in models are
// far smaller than the real ones, so the time around is what to look at.
#include <benchmark/benchmark.h>

#include "ops/threads.hpp"
#include "processors/test_support.hpp"

namespace facegraph::processors {
namespace {

void background_remover(benchmark::State& state, const char* model) {
  ops::set_operator_threads(1);
  ProcessorBench bench("background_remover", {{"background-remover-model", {model}},
                                              {"background-remover-fill-color", {"20", "200", "90", "255"}},
                                              {"background-remover-despill-color", {"0", "255", "0", "200"}}});
  const core::Size size{static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
  for (auto _ : state) {
    bench.process(ProcessorBench::frame(size));
  }
  bench.count(state);
}
BENCHMARK_CAPTURE(background_remover, modnet, "modnet")
    ->Args({1280, 720})
    ->Args({1920, 1080})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(background_remover, corridor_key_1024, "corridor_key_1024")
    ->Args({1280, 720})
    ->Args({1920, 1080})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(background_remover, u2net_cloth, "u2net_cloth")
    ->Args({1280, 720})
    ->Args({1920, 1080})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace facegraph::processors
