#include "runtime/graph/graph_session.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "device/gpu/capture_gate.hpp"
#include "runtime/session/noise.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Memory gone between two looks; others may take and give meanwhile, so it is a measure, no account.
std::int64_t taken(std::size_t before, std::size_t after) {
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(before) - static_cast<std::int64_t>(after));
}

}  // namespace

std::string describe_inputs(std::span<const InputSpec> specs) {
  std::string text;
  for (const InputSpec& spec : specs) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", spec.name, describe(spec.shape));
  }
  return text;
}

const char* name_of(Kernels kernels) {
  switch (kernels) {
    case Kernels::kFastest:
      return "fastest";
    case Kernels::kHeuristic:
      return "heuristic";
    case Kernels::kForward:
      return "forward";
    case Kernels::kDeterministic:
      return "deterministic";
  }
  return "?";
}

const char* name_of(GraphState state) {
  switch (state) {
    case GraphState::kCold:
      return "cold";
    case GraphState::kWarm:
      return "warm";
    case GraphState::kCaptured:
      return "captured";
    case GraphState::kRefused:
      return "refused";
    case GraphState::kPlain:
      return "plain";
  }
  return "?";
}

namespace {

std::size_t different_bytes(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < a.size(); ++at) {
    count += a[at] != b[at] ? 1 : 0;
  }
  return count;
}

// "4 of 16 bytes of output", for those that differ.
std::string describe_difference(const std::vector<Tensor>& outputs, const std::vector<std::vector<std::byte>>& a,
                                const std::vector<std::vector<std::byte>>& b) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (const std::size_t count = different_bytes(a[i], b[i]); count != 0) {
      words.push_back(fmt::format("{} of {} bytes of {}", count, a[i].size(), outputs[i].name));
    }
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

GraphSession::GraphSession(UnitMaker& maker, const ModelSource& model, std::shared_ptr<Lane> lane,
                           std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan)
    : maker_(maker), model_(model), lane_(std::move(lane)), trial_(plan.trial) {
  name = model_.name;
  report_.model = name;
  report_.shapes = describe_inputs(specs);
  report_.device_id = lane_->gpu().info().id;
  report_.form = plan.form;
  lane_->check_thread(name);
  try {
    open(specs, options, plan);
  } catch (const core::Error& error) {
    if (trial_ && error.code() != ErrorCode::kDeviceLost) {
      discard_unit();  // the lane works on
    }
    if (trial_ || !report_.form.fused || error.code() != ErrorCode::kFailed) {
      throw;
    }
    // cuDNN has no kernels for some convolutions in half precision with their bias, and says so in the first run.
    core::log_debug("runtime", "{}: {}", name, error.what());
    core::log_warn("runtime", "{} runs without fused biases: it fails with them", name);
    report_.form.fused = false;
    discard_unit();
    open(specs, options, plan);
  }
}

void GraphSession::open(std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan) {
  const bool graph = plan.against.empty();
  report_.kernels = plan.kernels;
  report_.state = GraphState::kCold;
  try {
    load({.graph = graph, .kernels = report_.kernels}, specs);
  } catch (const core::Error& error) {
    if (!graph || report_.form.fused || error.code() != ErrorCode::kFailed) {
      throw;
    }
    refuse(error.what(), specs, options);
  }
  if (report_.state == GraphState::kRefused) {
    return;
  }
  if (!graph) {
    if (report_.form.fused) {
      fill_inputs(WarmUpData::kZeros);
      timed_run(RunKind::kPlain);
    }
    report_.state = plan.refused ? GraphState::kRefused : GraphState::kPlain;
    report_.reason = plan.against;
    core::log_debug("runtime", "CUDA graph not captured for {}: {}", name, plan.against);
    return;
  }
  if (plan.later && !report_.form.fused) {  // those may have to be loaded again
    later_.emplace(Later{{specs.begin(), specs.end()}, options, plan});
    return;
  }
  try_to_capture(specs, options, plan);
}

void GraphSession::try_to_capture(std::span<const InputSpec> specs, const GraphOptions& options,
                                  const CapturePlan& plan) {
  try {
    warm_up(specs, options, plan);
  } catch (const core::Error& error) {
    if (report_.form.fused || error.code() != ErrorCode::kFailed) {
      throw;
    }
    refuse(error.what(), specs, options);
    report_.passing = true;
  }
}

bool GraphSession::get_ready() {
  const std::optional<Later> later = std::exchange(later_, std::nullopt);
  if (later) {
    lane_->check_thread(name);
    try_to_capture(later->specs, later->options, later->plan);
  }
  return later.has_value();
}

GraphSession::~GraphSession() {
  destroy_unit();
}

// Only when the GPU has done everything: ONNX Runtime gives host memory back from the stream, after Run has returned.
void GraphSession::destroy_unit() {
  try {
    wait();
  } catch (const core::Error& error) {
    core::log_debug("runtime", "{}: {}", name, error.what());  // the next call on this GPU says it to the user
  }
  const device::AllocationScope scope;
  unit_.reset();
}

void GraphSession::load(UnitKind kind, std::span<const InputSpec> specs) {
  const Clock::time_point start = Clock::now();
  const std::size_t free_before = lane_->gpu().memory().free;
  kind.form = report_.form;
  unit_ = maker_.make(model_, *lane_, kind);
  searches_ = kind.kernels == Kernels::kFastest;
  check_inputs(name, unit_->declared_inputs(), specs);
  batched_inputs = open_inputs(unit_->declared_inputs(), unit_->declared_outputs());
  if (inputs.empty()) {
    make_buffers(specs);
  } else {
    bind();
  }
  report_.load_seconds += seconds_since(start);
  // At least its own weights, which another thread may have brought there before.
  const std::uintmax_t weights = core::size_or_zero(model_.path);
  const std::uintmax_t own = weights - std::min<std::uintmax_t>(weights, unit_->shared_bytes());
  report_.device_bytes = std::max(taken(free_before, lane_->gpu().memory().free), static_cast<std::int64_t>(own));
}

Tensor GraphSession::make_tensor(const std::string& tensor_name, ElementType type, const Shape& shape) {
  Tensor tensor;
  tensor.name = tensor_name;
  tensor.type = type;
  tensor.shape = shape;
  tensor.data = buffers_.emplace_back(lane_->gpu(), tensor.bytes(), device::Place::kPinned).data();
  tensor.device = buffers_.emplace_back(lane_->gpu(), tensor.bytes(), device::Place::kDevice).data();
  return tensor;
}

// Buffers for what the unit declares, bound at once: open output shapes are measured with the inputs in place.
void GraphSession::make_buffers(std::span<const InputSpec> specs) {
  for (const InputSpec& spec : specs) {
    inputs.push_back(make_tensor(spec.name, spec.type, spec.shape));
    unit_->bind_input(inputs.back());
  }
  fill_inputs(WarmUpData::kZeros);
  const std::vector<Declared>& declared = unit_->declared_outputs();
  const bool known =
      std::all_of(declared.begin(), declared.end(), [](const Declared& output) { return is_static(output.shape); });
  std::vector<Shape> measured;
  if (!known) {
    among_others(RunKind::kPlain, [&] { measured = unit_->measure_outputs(); });
  }
  for (std::size_t i = 0; i < declared.size(); ++i) {
    outputs.push_back(make_tensor(declared[i].name, declared[i].type, known ? declared[i].shape : measured[i]));
    unit_->bind_output(outputs.back());
  }
}

void GraphSession::bind() {
  std::for_each(inputs.begin(), inputs.end(), [this](const Tensor& tensor) { unit_->bind_input(tensor); });
  std::for_each(outputs.begin(), outputs.end(), [this](const Tensor& tensor) { unit_->bind_output(tensor); });
}

void GraphSession::fill_inputs(WarmUpData data) {
  for (const Tensor& tensor : inputs) {
    std::memset(tensor.data, 0, tensor.bytes());
    if (data == WarmUpData::kNoise) {
      fill_noise(tensor);
    }
    upload(tensor);
  }
  wait();
}

void GraphSession::upload(const Tensor& tensor) {
  lane_->gpu().upload(tensor.device, tensor.data, tensor.bytes(), lane_->stream().handle());
}

// A plain run takes memory, and a session without graphs waits for the whole GPU after it: neither may happen while
// another thread captures. In the first one cuDNN may try its kernels and take the fastest; then it is made alone, for
// others' work would be timed with it, and creating a session elsewhere meanwhile was seen to fail as if a stream were
// captured.
template <typename Work>
void GraphSession::among_others(RunKind kind, const Work& work) {
  if (kind == RunKind::kGraph) {
    work();
  } else if (searches_) {
    const device::CaptureScope alone;
    work();
    wait();
    searches_ = false;
  } else {
    const device::AllocationScope scope;
    work();
  }
}

void GraphSession::enqueue(RunKind kind) {
  among_others(kind, [&] { unit_->enqueue(kind); });
}

// Without what others make it wait for.
void GraphSession::timed_run(RunKind kind) {
  device::Timer timer(lane_->stream());
  double enqueue_us = 0;
  among_others(kind, [&] {
    timer.start();
    const Clock::time_point start = Clock::now();
    unit_->enqueue(kind);
    enqueue_us = seconds_since(start) * 1e6;
    timer.stop();
  });
  const double gpu_us = timer.microseconds();
  (kind == RunKind::kPlain ? report_.plain_us : report_.replay_us) = gpu_us;
  (kind == RunKind::kPlain ? report_.enqueue_plain_us : report_.enqueue_replay_us) = enqueue_us;
}

GraphSession::Outputs GraphSession::run_and_read(RunKind kind) {
  timed_run(kind);
  read_outputs();
  Outputs values;
  for (const Tensor& tensor : outputs) {
    const auto* bytes = static_cast<const std::byte*>(tensor.data);
    values.emplace_back(bytes, bytes + tensor.bytes());
  }
  return values;
}

void GraphSession::capture() {
  const std::size_t free_before = lane_->gpu().memory().free;
  {
    const device::CaptureScope scope;
    const Clock::time_point start = Clock::now();  // without what others make it wait for
    try {
      unit_->enqueue(RunKind::kGraph);  // the first run of a graph captures it
      wait();
    } catch (...) {
      lane_->gpu().end_capture(lane_->stream().handle());  // before anyone else may take memory
      throw;
    }
    report_.capture_ms = seconds_since(start) * 1e3;
  }
  report_.graph_bytes = taken(free_before, lane_->gpu().memory().free);
}

// The warm-up's plain runs, and two on noise, whose equality is noted; the outputs of the first of these.
GraphSession::Outputs GraphSession::run_plainly(const GraphOptions& options) {
  const std::size_t free_before = lane_->gpu().memory().free;
  fill_inputs(options.warm_up_data);
  for (int i = 0; i < options.warm_up_iterations; ++i) {
    timed_run(RunKind::kPlain);
    report_.state = GraphState::kWarm;
    report_.warm_runs = i + 1;
  }
  fill_inputs(WarmUpData::kNoise);  // on zeros everything is equal
  Outputs outputs_of_one = run_and_read(RunKind::kPlain);
  report_.device_bytes += taken(free_before, lane_->gpu().memory().free);
  const Outputs outputs_of_another = run_and_read(RunKind::kPlain);
  report_.deterministic = outputs_of_one == outputs_of_another;
  if (!*report_.deterministic) {
    core::log_debug("runtime", "{}: plain runs of {:.0f} us with the {} kernels differ in {}", name, report_.plain_us,
                    name_of(report_.kernels), describe_difference(outputs, outputs_of_one, outputs_of_another));
  }
  return outputs_of_one;
}

// With kernels whose results do not change from run to run. Where others are to be matched, those are known.
GraphSession::Outputs GraphSession::run_deterministically(std::span<const InputSpec> specs, const GraphOptions& options,
                                                          const CapturePlan& plan) {
  Outputs plain = run_plainly(options);
  const auto changes_with = [&](Kernels kernels) {
    if (report_.kernels != kernels) {
      report_.kernels = kernels;
      destroy_unit();
      load({.graph = true, .kernels = kernels}, specs);
      plain = run_plainly(options);
    }
    return !*report_.deterministic;
  };
  if (*report_.deterministic || plan.changes || plan.to_match_us > 0 ||
      (plan.short_run && !changes_with(Kernels::kFastest)) ||
      (report_.kernels == Kernels::kFastest && !changes_with(Kernels::kHeuristic))) {
    return plain;
  }
  const double advised_us = report_.plain_us;
  const auto serves = [&](Kernels kernels) {
    const bool changes = changes_with(kernels);
    core::log_debug("runtime", "{}: a plain run takes {:.0f} us with the {} kernels", name, report_.plain_us,
                    name_of(kernels));
    return !changes && report_.plain_us <= kDeterminismMayCost * advised_us;
  };
  const bool has_forward = maker_.has_forward(model_);
  if (!(has_forward && serves(Kernels::kForward)) && !serves(Kernels::kDeterministic)) {
    changes_with(Kernels::kHeuristic);
  }
  return plain;
}

// cuBLAS takes other kernels when other streams have work, so that a plain run may have changed since: what counts is
// one of now. And two runs that agree do not prove that all do: both are run some more times before a replay that
// differs is held against the graph.
void GraphSession::compare_replay(const Outputs& plain) {
  constexpr int kMoreRuns = 8;
  const Outputs replayed = run_and_read(RunKind::kGraph);
  report_.bit_identical = replayed == plain;
  if (*report_.bit_identical || !*report_.deterministic) {
    return;
  }
  const Outputs now = run_and_read(RunKind::kPlain);
  report_.bit_identical = replayed == now;
  for (int i = 0; i < kMoreRuns && !*report_.bit_identical && *report_.deterministic; ++i) {
    report_.deterministic = run_and_read(RunKind::kPlain) == now && run_and_read(RunKind::kGraph) == replayed;
  }
  if (!*report_.bit_identical && *report_.deterministic) {
    fail(ErrorCode::kFailed, "its replay differs from the plain run in {}",
         describe_difference(outputs, replayed, now));
  }
}

void GraphSession::warm_up(std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan) {
  const Clock::time_point start = Clock::now();
  const Outputs plain = run_deterministically(specs, options, plan);
  capture();
  compare_replay(plain);
  fill_inputs(WarmUpData::kZeros);
  report_.state = GraphState::kCaptured;
  report_.warm_up_seconds = seconds_since(start);
  core::log_debug("runtime", "CUDA graph warmup completed for {} in {:.2f} seconds", name, report_.warm_up_seconds);
}

bool GraphSession::replay_equals_plain() {
  lane_->check_thread(name);
  return run_and_read(RunKind::kPlain) == run_and_read(RunKind::kGraph);
}

double GraphSession::time_replay() {
  constexpr int kBatches = 4;  // others may use the GPU meanwhile: the least is the nearest to the truth
  constexpr int kMostReplays = 10;
  constexpr double kBatchUs = 50000;  // slow ones need no more to be told apart
  lane_->check_thread(name);
  const int replays = static_cast<int>(std::clamp(kBatchUs / std::max(report_.plain_us, 1.0), 1.0, 1.0 * kMostReplays));
  const device::CaptureScope alone;
  double least_us = std::numeric_limits<double>::infinity();
  for (int batch = 0; batch < kBatches; ++batch) {
    device::Timer timer(lane_->stream());
    timer.start();
    for (int i = 0; i < replays; ++i) {
      unit_->enqueue(RunKind::kGraph);
    }
    timer.stop();
    least_us = std::min(least_us, timer.microseconds() / replays);
  }
  return least_us;
}

bool GraphSession::keeps_up_with(double replay_us) {
  return report_.state == GraphState::kCaptured && report_.deterministic.value_or(false) &&
         time_replay() <= std::max(kAdviceMayBeSlower * replay_us, replay_us + kAdviceMayAddUs);
}

GraphSession::Outputs GraphSession::replay_noise(std::span<const InputSpec> specs) {
  lane_->check_thread(name);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    fill_noise(inputs[i], specs[i].low, specs[i].high);
    upload(inputs[i]);
  }
  wait();
  Outputs values = run_and_read(RunKind::kGraph);
  fill_inputs(WarmUpData::kZeros);
  return values;
}

void GraphSession::note_batch(const BatchTrial& trial) {
  std::erase_if(report_.batches, [&](const BatchTrial& before) { return before.items == trial.items; });
  report_.batches.push_back(trial);
}

// After a failure, before the next unit is loaded.
void GraphSession::discard_unit() {
  destroy_unit();
  if (outputs.empty()) {  // it failed before everything was bound
    inputs.clear();
    buffers_.clear();
  }
}

void GraphSession::refuse(const std::string& reason, std::span<const InputSpec> specs, const GraphOptions& options) {
  if (trial_) {
    fail(ErrorCode::kFailed, "{}", reason);
  }
  if (options.mode == GraphMode::kOn) {
    fail(ErrorCode::kFailed, "{}: CUDA graph capture was refused: {}; take --cuda-graph auto to run it plainly", name,
         reason);
  }
  discard_unit();
  load({}, specs);
  report_.state = GraphState::kRefused;
  report_.reason = reason;
  core::log_warn("runtime", "{} runs without a CUDA graph: {}", name, reason);
}

void GraphSession::run() {
  lane_->check_thread(name);
  std::for_each(inputs.begin(), inputs.end(), [this](const Tensor& tensor) { upload(tensor); });
  enqueue();
  read_outputs();
}

void GraphSession::read_outputs() {
  for (const Tensor& tensor : outputs) {
    lane_->gpu().download(tensor.data, tensor.device, tensor.bytes(), lane_->stream().handle());
  }
  wait();
}

void GraphSession::enqueue() {
  lane_->check_thread(name);
  try {
    enqueue(report_.state == GraphState::kCaptured ? RunKind::kGraph : RunKind::kPlain);
  } catch (const core::Error& error) {
    throw core::Error(error.code(), fmt::format("{}: inference failed: {}", name, error.what()));
  }
  ++report_.runs;
}

void GraphSession::watch() {
  floats_.clear();
  for (const Tensor& output : outputs) {
    if (output.type == ElementType::kF32) {
      floats_.emplace_back(static_cast<const float*>(output.device), output.size());
    }
  }
  if (!floats_.empty()) {
    lane_->watch(name, floats_);
  }
}

}  // namespace facegraph::runtime
