// One face of 512 pixels in a 1920x1080 frame through deep_swapper, on one thread: milliseconds in the model and around
// it. The models are stand-ins.
#include <benchmark/benchmark.h>

#include "ops/threads.hpp"
#include "processors/test_support.hpp"

namespace facegraph::processors {
namespace {

void deep_swapper(benchmark::State& state, const char* model) {
  ops::set_operator_threads(1);
  ProcessorBench bench("deep_swapper", {{"deep-swapper-model", {model}}});
  for (auto _ : state) {
    bench.process(ProcessorBench::frame(ProcessorBench::kFrameWithFace), ProcessorBench::one_face());
  }
  bench.count(state);
}
BENCHMARK_CAPTURE(deep_swapper, iperov_elon_musk_224, "iperov/elon_musk_224")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(deep_swapper, custom_contract_morph_256, "custom/contract_morph_256")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(deep_swapper, iperov_keanu_reeves_320, "iperov/keanu_reeves_320")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace facegraph::processors
