// Which models are captured: those that will run often enough to pay for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

// A capture with its warm-up and check costs some ten plain runs and gains a part of each later one: below this many
// runs it cannot pay (bench/results/graph_replay_h200.json: capture_ms against host_us - replay_us).
constexpr std::int64_t kRunsThatPay = 30;

struct ModelOutlook {
  std::optional<std::int64_t> expected_runs;  // foretold by the job; none: unknown
  std::int64_t past_uses = 0;                 // runs of this unit in earlier jobs
};

// Empty: capture. Else why not, as the log and the report say it.
std::string reason_against_capture(const GraphOptions& options, const ModelOutlook& outlook);

}  // namespace facegraph::runtime
