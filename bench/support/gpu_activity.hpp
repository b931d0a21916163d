// When a GPU works and at what, as CUPTI tells it.
#pragma once

#include <cstdint>
#include <string>

namespace facegraph::bench {

// Of a stretch of time; negative where nothing was recorded.
struct GpuShares {
  double busy = -1;    // in which at least one kernel, graph, copy or fill ran: their union over the length
  double pixels = -1;  // kernels, fills and copies within the GPU, over these and the replayed graphs, by their lengths
};

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
  // Of [from, to]. Stops recording.
  GpuShares shares(std::uint64_t from, std::uint64_t to);

 private:
  std::string problem_;
};

}  // namespace facegraph::bench
