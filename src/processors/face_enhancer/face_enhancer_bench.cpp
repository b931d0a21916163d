// One face of 512 pixels in a 1920x1080 frame through face_enhancer, on one thread: milliseconds in the model and
// around it.
#include <benchmark/benchmark.h>

#include "ops/threads.hpp"
#include "processors/test_support.hpp"

namespace facegraph::processors {
namespace {

void face_enhancer(benchmark::State& state, const char* model) {
  ops::set_operator_threads(1);
  ProcessorBench bench("face_enhancer", {{"face-enhancer-model", {model}}});
  for (auto _ : state) {
    bench.process(ProcessorBench::frame(ProcessorBench::kFrameWithFace), ProcessorBench::one_face());
  }
  bench.count(state);
}
BENCHMARK_CAPTURE(face_enhancer, gpen_bfr_256, "gpen_bfr_256")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(face_enhancer, gfpgan_1_4, "gfpgan_1.4")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(face_enhancer, codeformer, "codeformer")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(face_enhancer, gpen_bfr_1024, "gpen_bfr_1024")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(face_enhancer, gpen_bfr_2048, "gpen_bfr_2048")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace facegraph::processors
