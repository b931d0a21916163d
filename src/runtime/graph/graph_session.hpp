// A session on a GPU and its graph. States: Cold -> Warm(n) -> Captured | Refused(reason), or Plain where no capture
// was wanted. A refused one is rebuilt without graphs and keeps working; its buffers stay where they are.
//
// Warm-up is part of opening, or of get_ready() where the plan puts it off: N plain runs, then on noise two more, the
// capture and one replay, whose results are compared bit by bit. Results of plain and replayed runs are equal, or the
// graph is not used. A model whose plain runs differ from one another is loaded again with the kernels of cuDNN's quick
// advice, then with those that never change, unless these are slow; if nothing helps, it is reported as not
// deterministic and replayed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/buffer.hpp"
#include "runtime/graph/capture_policy.hpp"
#include "runtime/graph/graph_report.hpp"
#include "runtime/graph/unit.hpp"
#include "runtime/session/session_state.hpp"

namespace facegraph::runtime {

class GraphSession : public SessionState {
 public:
  // Opens on the calling thread, the lane's. Throws Error(kFailed) for a file that is no such model, or, with
  // GraphMode::kOn, for a refused capture; Error(kOutOfMemory); Error(kDeviceLost).
  GraphSession(UnitMaker& maker, const ModelSource& model, std::shared_ptr<Lane> lane, std::span<const InputSpec> specs,
               const GraphOptions& options, const CapturePlan& plan);
  ~GraphSession() override;
  GraphSession(const GraphSession&) = delete;
  GraphSession& operator=(const GraphSession&) = delete;

  bool get_ready() override;
  void run() override;
  void enqueue() override;
  void watch() override;
  void forget_noted() override { lane_->forget_noted(); }
  void fetch() override { read_outputs(); }
  double time_run() override { return report_.state == GraphState::kCaptured ? time_replay() : 0; }
  void note_batch(const BatchTrial& trial) override;
  std::vector<BatchTrial> batches() const override { return report_.batches; }
  // Waits for the lane's stream.
  void wait() const { lane_->stream().wait(); }

  // Of a captured session: runs plainly and replayed on what the inputs' device halves hold; whether every output bit
  // is the same. On the lane's thread; waits.
  bool replay_equals_plain();

  // Of a captured session, on its thread: microseconds of a replay on the GPU, the least of several; and what a replay
  // gives for noise in the inputs' ranges, output by output. Both wait.
  double time_replay();
  std::vector<std::vector<std::byte>> replay_noise(std::span<const InputSpec> specs);

  // Whether it is captured and deterministic and its replay is not slower than by kAdviceMayBeSlower.
  // Waits.
  bool keeps_up_with(double replay_us);
  // Of a captured session: its report says what time_replay() finds.
  void note_replay_time() { report_.replay_us = time_replay(); }
  // Its kernels are those to begin with from now on.
  void settle() { report_.settled = true; }

  // What its form was chosen from, for the report.
  void set_candidates(std::vector<Candidate> candidates) { report_.candidates = std::move(candidates); }
  void set_batches(std::vector<BatchTrial> batches) { report_.batches = std::move(batches); }
  const GraphReport& report() const { return report_; }
  const Lane& lane() const { return *lane_; }

 private:
  using Outputs = std::vector<std::vector<std::byte>>;

  // A warm-up that was put off.
  struct Later {
    std::vector<InputSpec> specs;
    GraphOptions options;
    CapturePlan plan;
  };

  void open(std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan);
  void try_to_capture(std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan);
  void load(UnitKind kind, std::span<const InputSpec> specs);
  void discard_unit();
  void destroy_unit();
  void make_buffers(std::span<const InputSpec> specs);
  void bind();
  void warm_up(std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan);
  Outputs run_plainly(const GraphOptions& options);
  Outputs run_deterministically(std::span<const InputSpec> specs, const GraphOptions& options, const CapturePlan& plan);
  void fill_inputs(WarmUpData data);
  void upload(const Tensor& tensor);
  template <typename Work>
  void among_others(RunKind kind, const Work& work);
  void enqueue(RunKind kind);
  void timed_run(RunKind kind);
  void read_outputs();
  Outputs run_and_read(RunKind kind);
  void capture();
  void compare_replay(const Outputs& plain);
  void refuse(const std::string& reason, std::span<const InputSpec> specs, const GraphOptions& options);
  Tensor make_tensor(const std::string& tensor_name, ElementType type, const Shape& shape);

  UnitMaker& maker_;
  ModelSource model_;
  std::shared_ptr<Lane> lane_;
  bool trial_;                           // see CapturePlan
  std::vector<device::Buffer> buffers_;  // outlive unit_
  std::unique_ptr<Unit> unit_;
  std::optional<Later> later_;
  bool searches_ = false;  // the unit's next run tries cuDNN's kernels
  GraphReport report_;
  std::vector<std::span<const float>> floats_;  // outputs that are looked at for NaN and infinity
};

}  // namespace facegraph::runtime
