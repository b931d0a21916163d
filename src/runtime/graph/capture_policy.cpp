#include "runtime/graph/capture_policy.hpp"

#include <fmt/format.h>

namespace facegraph::runtime {

std::string reason_against_capture(const GraphOptions& options, const ModelOutlook& outlook) {
  if (options.mode == GraphMode::kOff) {
    return "--cuda-graph is off";
  }
  if (options.mode == GraphMode::kOn || outlook.past_uses >= options.uses_before_capture) {
    return {};
  }
  if (!outlook.expected_runs) {
    return fmt::format("it was used {} times, capture comes after {} uses", outlook.past_uses,
                       options.uses_before_capture);
  }
  if (*outlook.expected_runs < kRunsThatPay) {
    return fmt::format("{} runs are expected, a capture pays from {} on", *outlook.expected_runs, kRunsThatPay);
  }
  return {};
}

}  // namespace facegraph::runtime
