// What became of a model on a GPU: for the log, --report and benches.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/provider/form.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

// kPlain: it was decided not to capture. kRefused: a capture was tried, or the model stands against one.
enum class GraphState { kCold, kWarm, kCaptured, kRefused, kPlain };

const char* name_of(GraphState state);
const char* name_of(Kernels kernels);

// "input 1x3x640x640, source 1x512"
std::string describe_inputs(std::span<const InputSpec> specs);

// A form in which a model was measured.
struct Candidate {
  Form form = {};
  double replay_us = 0;   // on the GPU; 0: it did not come to that
  double difference = 0;  // of its results from the first candidate's: see difference_between (choice/form_choice.hpp)
  std::string against = {};  // why it could not be taken; empty: it could
};

struct GraphReport {
  std::string model;
  std::string shapes;  // describe_inputs()
  int device_id = 0;
  GraphState state = GraphState::kCold;
  int warm_runs = 0;
  std::string reason;                 // why it is refused or plain
  bool passing = false;               // the refusal came with a run, not with the model: it may be captured next time
  std::optional<bool> bit_identical;  // replay against the plain run, same session and input; none: not compared
  std::optional<bool> deterministic;  // plain run against plain run
  Kernels kernels = Kernels::kFastest;
  bool settled = false;  // the kernels were compared with those that cuDNN advises
  Form form = {};
  std::vector<Candidate> candidates;  // that the form was chosen from; empty: nothing was measured
  std::vector<BatchTrial> batches;    // of several items that were tried beside this session of one
  std::int64_t runs = 0;              // after warm-up
  double load_seconds = 0;            // until the first plain run could start
  double warm_up_seconds = 0;         // plain runs, capture and check
  double plain_us = 0;                // on the GPU, the last plain run of the warm-up
  double replay_us = 0;               // on the GPU
  double enqueue_plain_us = 0;        // host time of one call
  double enqueue_replay_us = 0;
  double capture_ms = 0;
  std::int64_t device_bytes = 0;  // free memory before loading, less free memory after the first plain run
  std::int64_t graph_bytes = 0;   // the same around the capture
};

}  // namespace facegraph::runtime
