// Every registered processor with its default model on one 1920x1080 frame with a face of 512 pixels: time inside the
// models and around them. With tiny models (the stand-ins of the reference data) the time around shows.
#include <benchmark/benchmark.h>

#include "core/base/error.hpp"
#include "ops/threads.hpp"
#include "processors/test_support.hpp"

namespace facegraph::processors {
namespace {

void process(benchmark::State& state, const std::string& name) {
  ops::set_operator_threads(1);
  try {
    ProcessorBench bench(name, {{"deep-swapper-model", {"custom/contract_morph_256"}}});  // it has no default
    const TempFrame target = ProcessorBench::frame(ProcessorBench::kFrameWithFace);
    FrameFacts facts = ProcessorBench::one_face();
    facts.target = target.frame;
    for (auto _ : state) {
      bench.process(ProcessorBench::frame(ProcessorBench::kFrameWithFace), facts);
    }
    bench.count(state);
  } catch (const core::Error& error) {
    state.SkipWithError(error.what());
  }
}

const bool kRegistered = [] {
  for (const std::string& name : processor_options().front().choices) {
    benchmark::RegisterBenchmark(name.c_str(), process, name)->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace facegraph::processors
