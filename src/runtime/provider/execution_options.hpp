// What the models of a run are executed on and how. spec: application.md 7
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/options/option.hpp"

namespace facegraph::runtime {

// kTf32: fp32 values, matrix units may round their factors to TF32, as the reference runs. kFp32: they may not. kFp16:
// models are rewritten to half precision (precision/half_precision.hpp). kAuto: each model in the form that was
// measured to be the fastest (provider/form.hpp).
enum class Precision { kTf32, kFp32, kFp16, kAuto };

// As --precision takes it.
const char* name_of(Precision precision);

// How convolutions choose their algorithm on CUDA, some of which add in an order that changes from run to run.
// kFastest: the reference's rule, EXHAUSTIVE. kHeuristic: HEURISTIC, cuDNN's quick advice. kForward: the advice, with
// transposed convolutions written as forward ones where their weights are computed, too. kDeterministic: DEFAULT,
// cuDNN's fallback kernels, which never change and may be six times slower (docs/decisions/0005-graph-replay.md).
enum class Kernels { kFastest, kHeuristic, kForward, kDeterministic };

// kAuto captures a model where that pays, kOn makes a refused capture an error, kOff runs plainly.
enum class GraphMode { kAuto, kOn, kOff };

// What the inputs hold while a model warms up. It does not change what is captured.
enum class WarmUpData { kZeros, kNoise };

struct GraphOptions {
  GraphMode mode = GraphMode::kAuto;
  int warm_up_iterations = 3;  // plain runs before a capture
  WarmUpData warm_up_data = WarmUpData::kZeros;
  int uses_before_capture = 3;                    // of a model whose runs nobody foretold
  std::optional<std::size_t> memory_budget = {};  // of captured models not in use; none: 25 % of the free memory
};

struct ExecutionOptions {
  std::vector<std::string> providers = {"cpu"};  // the reference's names, wanted order
  std::vector<int> device_ids = {0};
  int threads_per_session = 1;  // threads of one run on the CPU; 1: the calling thread only
  Precision precision = Precision::kTf32;
  bool nhwc = false;       // layout of convolutions on CUDA
  bool fuse_bias = false;  // convolutions on CUDA add their bias and activation in one kernel
  // Frames of a video that go through the models together on a GPU, at most; none: auto.
  std::optional<int> batch_frames = 1;
  std::uintmax_t optimised_bytes = 0;  // of optimised models kept in .caches/optimised; 0: none are
  GraphOptions graph = {};

  // No option: sessions of one model on a GPU have its weights in common, where several are to be opened.
  bool shares_weights = false;

  // No option: synchronous runs on host tensors whatever the provider, as the reference works; for benches that measure
  // against it.
  bool host_tensors = false;

  // No option: plain runs on a GPU do not wait, so that whoever calls them can capture them; for bench/outer_capture,
  // which ends without giving its sessions back (docs/decisions/0005-graph-replay.md, waits of plain sessions).
  bool captured_outside = false;

  // Whether models keep their data on a GPU.
  bool on_cuda() const { return !host_tensors && !providers.empty() && providers.front() == "cuda"; }
};

// execution-*, cuda-graph*, warmup-*, model-cache-size: the table, and the options read from it.
const std::vector<core::Option>& execution_options();
ExecutionOptions execution_options_from(const core::OptionValues& values);

}  // namespace facegraph::runtime
