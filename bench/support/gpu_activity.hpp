// When a GPU works, as CUPTI tells it: what share of a stretch of time kernels, replayed graphs and copies cover.
#pragma once

#include <cstdint>
#include <string>

namespace facegraph::bench {

class GpuActivity {
 public:
  // Begins to record. Where CUPTI cannot be loaded or started nothing is recorded and problem() says why.
  GpuActivity();
  ~GpuActivity();
  GpuActivity(const GpuActivity&) = delete;
  GpuActivity& operator=(const GpuActivity&) = delete;

  const std::string& problem() const { return problem_; }
  // CUPTI's clock, nanoseconds; 0 where nothing is recorded.
  std::uint64_t now() const;
  // Stops recording. Share of [from, to] in which at least one kernel, graph, copy or fill ran: the union of their
  // intervals over the length. Negative where nothing was recorded.
  double busy(std::uint64_t from, std::uint64_t to);

 private:
  std::string problem_;
};

}  // namespace facegraph::bench
