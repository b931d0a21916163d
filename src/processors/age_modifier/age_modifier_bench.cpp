// One face of 512 pixels in a 1920x1080 frame through age_modifier, on one thread: milliseconds in the model and around
// it.
#include <benchmark/benchmark.h>

#include "ops/threads.hpp"
#include "processors/test_support.hpp"

namespace facegraph::processors {
namespace {

void age_modifier(benchmark::State& state, const char* model) {
  ops::set_operator_threads(1);
  ProcessorBench bench("age_modifier", {{"age-modifier-model", {model}}});
  for (auto _ : state) {
    bench.process(ProcessorBench::frame(ProcessorBench::kFrameWithFace), ProcessorBench::one_face());
  }
  bench.count(state);
}
BENCHMARK_CAPTURE(age_modifier, fran, "fran")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(age_modifier, styleganex_age, "styleganex_age")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace facegraph::processors
