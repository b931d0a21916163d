// Units made of ONNX Runtime sessions on the CUDA provider.
#pragma once

#include <memory>

#include "runtime/graph/unit.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

// Graphs that ONNX Runtime replays before 1.31 may read recycled pinned memory, and it waits after each replay (its
// pull request 32121).
bool replays_safely(const std::string& runtime_version);

std::unique_ptr<UnitMaker> make_cuda_units(const ExecutionOptions& options);

// ONNX Runtime's words about a failure on a GPU ("GPU 0 (NVIDIA H200)") as our error: memory ran out, the GPU is lost,
// or else.
[[noreturn]] void fail_on_gpu(const std::string& model, const std::string& gpu, const std::string& words);

}  // namespace facegraph::runtime
