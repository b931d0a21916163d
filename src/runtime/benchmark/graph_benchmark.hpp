// What replay gains, measured: every model, and several in a row, with host tensors (how the reference runs), with
// bound device buffers, and replayed. All sides run in one process, in turns.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "device/gpu/gpu.hpp"
#include "runtime/graph/graph_report.hpp"
#include "runtime/graph/unit.hpp"

namespace facegraph::runtime {

struct BenchModel {
  ModelSource source;
  std::vector<InputSpec> inputs = {};  // empty: as the file declares them, see fix_shapes
  Form form = {};                      // of the bound and the replayed side
  bool beside = false;                 // in a chain: it does not need what the model before it gives
};

// Medians in microseconds of the host's clock, from the call until the result is there.
struct GraphTimes {
  GraphReport report;
  double host_us = 0;
  double bound_us = 0;
  double replay_us = 0;   // 0 where the model is not captured
  double enqueue_us = 0;  // of the host, for one replay
};

struct ChainTimes {
  double host_us = 0;  // one frame: all models in a row, host tensors
  double bound_us = 0;
  double replay_us = 0;
  double replay_p99_us = 0;
  double beside_us = 0;  // replayed, models beside others on streams of their own; 0 if there are none
  double bound_p99_us = 0;
  double enqueue_us = 0;         // of the host, for one frame of replays
  std::int64_t allocations = 0;  // device and pinned, of ours, in all replayed frames
  std::int64_t waits = 0;        // of the host inside the chain, in all replayed frames
};

struct BenchSettings {
  ExecutionOptions execution;  // of the side with host tensors; graph mode and noise are the benchmark's own
  int device_id = 0;
  int rounds = 100;
  int size = 640;  // of open spatial dimensions
};

// Declared shapes with their open dimensions filled in: the first is the batch, 1; the others take `size`.
std::vector<InputSpec> fix_shapes(std::span<const Declared> declared, int size);

// The model's times in each of these forms, the fastest of which is put into it. Throws as measure_forms().
std::vector<Candidate> choose_form(BenchModel& model, const BenchSettings& settings, const std::vector<Form>& forms);

// Throws as InferencePool::open.
GraphTimes measure_model(const BenchModel& model, const BenchSettings& settings);
ChainTimes measure_chain(std::span<const BenchModel> models, const BenchSettings& settings);

}  // namespace facegraph::runtime
