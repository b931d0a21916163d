#include "runtime/graph/capture_policy.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace facegraph::runtime {

namespace {

// Empty: none.
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

// The first dimension of the first input, as describe_inputs() tells it.
std::int64_t items_of(const GraphReport& report) {
  const std::size_t end_of_name = report.shapes.find(' ');
  const bool is_told = end_of_name != std::string::npos;
  return std::max(1LL, is_told ? std::strtoll(report.shapes.c_str() + end_of_name, nullptr, 10) : 1LL);
}

bool pays_search(const ModelOutlook& outlook) {
  if (!outlook.expected_runs) {
    return true;
  }
  const double runs = static_cast<double>(*outlook.expected_runs) / static_cast<double>(items_of(*outlook.known));
  return runs * outlook.known->replay_us * 1e-6 >= kSecondsThatPaySearch;
}

}  // namespace

std::string reason_against_measuring(const GraphOptions& options, const std::optional<std::int64_t>& expected_runs) {
  if (options.mode == GraphMode::kOff) {
    return "--cuda-graph is off, replays are what is timed";
  }
  if (!expected_runs) {
    return "nobody knows how often it will run";
  }
  if (*expected_runs < kRunsThatPayMeasuring) {
    return fmt::format("{} runs are expected, measuring pays from {} on", *expected_runs, kRunsThatPayMeasuring);
  }
  return {};
}

CapturePlan plan_capture(const GraphOptions& options, const ModelOutlook& outlook) {
  CapturePlan plan{.against = reason_against_capture(options, outlook)};
  if (!plan.against.empty()) {
    // Models were ready 2 to 20 times as fast with the kernels that cuDNN advises as after a search among all, and ran
    // at most 3 % slower with them.
    const bool few = outlook.expected_runs.value_or(kRunsThatPay) < kRunsThatPay;
    plan.kernels = few ? Kernels::kHeuristic : Kernels::kFastest;
    return plan;
  }
  if (!outlook.known) {
    return plan;
  }
  plan.kernels = outlook.known->kernels;
  plan.settled = outlook.known->settled;
  plan.changes = outlook.known->deterministic == std::optional(false);
  const bool was_searched = outlook.known->state == GraphState::kCaptured && plan.kernels == Kernels::kFastest;
  if (was_searched && !pays_search(outlook)) {
    plan.kernels = Kernels::kHeuristic;
    plan.short_run = true;
  } else if (was_searched && !plan.settled) {
    plan.kernels = Kernels::kHeuristic;
    plan.to_match_us = outlook.known->replay_us;
  }
  if (outlook.known->state == GraphState::kRefused && options.mode != GraphMode::kOn) {
    plan.against = fmt::format("an earlier run was refused it: {}", outlook.known->reason);
    plan.refused = true;
    plan.kernels = Kernels::kFastest;
  }
  return plan;
}

}  // namespace facegraph::runtime
