// What `benchmark` prints of the times that it took.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace facegraph::app {

// The timed runs of one video, in seconds of wall time.
struct BenchmarkRuns {
  std::string video;
  std::int64_t frames = 0;  // of each run
  std::vector<double> seconds;
  std::vector<double> seconds_without_graphs;  // the same runs; empty: nothing ran on a GPU
};

struct BenchmarkTable {
  std::vector<std::string> headers;
  std::vector<std::vector<std::string>> rows;  // one for each video
};

// The reference's columns (spec: application.md 9); beside them, where the runs were on a GPU, the average without
// CUDA graphs and how many times as fast the runs with them are.
BenchmarkTable benchmark_table(const std::vector<BenchmarkRuns>& runs);

// Why those two columns are missing. cuda_problem: why CUDA cannot run on this machine; empty: it can.
std::string why_no_graphs(const std::vector<std::string>& providers, const std::string& cuda_problem);

}  // namespace facegraph::app
