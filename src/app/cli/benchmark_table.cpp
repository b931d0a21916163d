#include "app/cli/benchmark_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/ranges.h>

#include "core/options/option.hpp"

namespace facegraph::app {

namespace {

std::string rounded(double value) {
  return core::to_text(std::nearbyint(value * 100) / 100);
}

double average(const std::vector<double>& seconds) {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(seconds.size());
}

}  // namespace

BenchmarkTable benchmark_table(const std::vector<BenchmarkRuns>& runs) {
  BenchmarkTable table{{"target_path", "cycle_count", "average_run", "fastest_run", "slowest_run", "relative_fps"}, {}};
  const bool compared = std::any_of(runs.begin(), runs.end(),
                                    [](const BenchmarkRuns& video) { return !video.seconds_without_graphs.empty(); });
  if (compared) {
    table.headers.insert(table.headers.end(), {"average_run_without_graphs", "graphs_speed_up"});
  }
  for (const BenchmarkRuns& video : runs) {
    const double mean = average(video.seconds);
    const auto [fastest, slowest] = std::minmax_element(video.seconds.begin(), video.seconds.end());
    table.rows.push_back({video.video, std::to_string(video.seconds.size()), rounded(mean), rounded(*fastest),
                          rounded(*slowest), rounded(static_cast<double>(video.frames) / mean)});
    if (compared) {
      const double without = average(video.seconds_without_graphs);
      table.rows.back().push_back(rounded(without));
      table.rows.back().push_back(rounded(without / mean));
    }
  }
  return table;
}

std::string why_no_graphs(const std::vector<std::string>& providers, const std::string& cuda_problem) {
  return fmt::format("no columns about CUDA graphs: the models ran on {}; {}", fmt::join(providers, ", "),
                     cuda_problem.empty() ? "take --execution-providers cuda for them" : cuda_problem);
}

}  // namespace facegraph::app
