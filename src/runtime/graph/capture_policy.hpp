// Which models are captured: those that will run often enough to pay for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/graph/graph_report.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

// A capture with its warm-up and check costs some ten plain runs and gains a part of each later one: below this many
// runs it cannot pay (bench/results/graph_replay_h200.json: capture_ms against host_us - replay_us).
constexpr std::int64_t kRunsThatPay = 30;

// --precision auto loads, captures and times a model in up to five forms; what it finds is kept for all later starts.
// Shorter jobs take what is kept.
constexpr std::int64_t kRunsThatPayMeasuring = 100;

// A search among all kernels takes up to a second, alone on the GPU, and gains some hundredths of each run; so it is
// made again for a model that was searched before only where its replays take longer than that in all.
constexpr double kSecondsThatPaySearch = 2;

struct ModelOutlook {
  std::optional<std::int64_t> expected_runs = {};  // foretold by the job; none: unknown
  std::int64_t past_uses = 0;                      // runs of this unit in earlier jobs
  std::optional<GraphReport> known = {};           // what an earlier process found out
};

struct CapturePlan {
  std::string against = {};             // why not to capture, as the log and the report say it; empty: capture
  bool refused = false;                 // against is what an earlier process met
  Kernels kernels = Kernels::kFastest;  // to begin with
  Form form = {};                       // biases that cannot be fused are added apart
  bool trial = false;                   // whatever goes wrong is thrown: nothing else is tried
  // A replay's microseconds with the kernels that a search found, where others are to be tried first; 0: there are
  // none.
  double to_match_us = 0;
  bool settled = false;    // the kernels were compared before
  bool short_run = false;  // advised kernels serve if they do not change results; it says nothing about longer runs
  bool later = false;      // warm-up and capture wait until somebody asks for them: GraphSession::get_ready()
  bool changes = false;    // whatever the kernels, as an earlier process found out
};

// Kernels whose results never change are taken if they take no longer than so many times the advised ones.
constexpr double kDeterminismMayCost = 1.5;

// Models are ready several times as fast with the kernels that cuDNN advises as after a search among all. So who opens
// a model after a search tries the advice, and takes it, for all who follow, unless replays are slower by more than
// this. Replays of small models take some microseconds, which differ by more from one time to the next.
constexpr double kAdviceMayBeSlower = 1.05;
constexpr double kAdviceMayAddUs = 20;

// Why a model's forms are not to be measured now; empty: they are.
std::string reason_against_measuring(const GraphOptions& options, const std::optional<std::int64_t>& expected_runs);

// A refusal that is known is not tried again but by GraphMode::kOn.
CapturePlan plan_capture(const GraphOptions& options, const ModelOutlook& outlook);

}  // namespace facegraph::runtime
