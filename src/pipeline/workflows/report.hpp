// What a run cost: for the log, reports and benches.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "runtime/pool/inference_pool.hpp"

namespace facegraph::pipeline {

struct LaneReport {
  int number = 0;
  int device = 0;                 // position among --execution-device-ids
  std::int64_t device_bytes = 0;  // free memory before it was opened, less free memory after; 0 on the CPU
  double open_seconds = 0;        // with what it waited for the sources
  std::int64_t frames = 0;        // that have passed it
};

struct RunReport {
  std::int64_t frames = 0;               // written by the processors
  std::int64_t unchanged = 0;            // of them those that passed as they were: a model gave NaN or infinity
  int lanes = 1;                         // that were opened
  std::vector<LaneReport> lane_reports;  // of those that work on a video's frames
  double flow_seconds = 0;               // wall time from the first frame read to the last one encoded
  double extract_seconds = 0;            // of the reading thread, in the decoder
  double analyse_seconds = 0;            // of all lanes
  double process_seconds = 0;            // of all lanes
  double flow_cpu_seconds = 0;           // CPU time of the process in that time
  double encoder_cpu_seconds = 0;        // inside the encoder, its own threads included
  double runtime_cpu_seconds = 0;        // inside ONNX Runtime, in that time
  double gate_seconds = 0;               // inside the content gate
  std::chrono::steady_clock::time_point verdict = {};      // the gate's, when it was there
  std::chrono::steady_clock::time_point first_frame = {};  // when it had passed all processors
  double verdict_seconds = 0;                              // from the beginning of the run until then
  double first_frame_seconds = 0;
  bool from_cache = false;  // all that earlier starts could leave for this one was found: InferencePool
  std::vector<runtime::ModelUse> models;
  std::vector<runtime::GraphReport> graphs;  // on GPUs
};

}  // namespace facegraph::pipeline
