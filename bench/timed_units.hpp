// Units whose runs are timed on the GPU, by events right before and right after each.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/gpu/stream.hpp"
#include "runtime/graph/unit.hpp"

namespace facegraph::bench {

// Times of all runs of models since the last restart. Outlives the units.
class ModelTimes {
 public:
  void restart() { used_ = 0; }
  template <typename Run>
  void time(const std::string& model, const device::Stream& stream, const Run& run) {
    if (used_ == timers_.size()) {
      timers_.emplace_back(stream);
      models_.emplace_back();
    }
    models_[used_] = model;
    device::Timer& timer = timers_[used_++];
    timer.start();
    run();
    timer.stop();
  }
  // By model, apart for runs of several items ("yoloface_8n, 4 a run"): seconds on the GPU, and runs. Waits.
  std::map<std::string, std::pair<double, int>> sums() const {
    std::map<std::string, std::pair<double, int>> sums;
    for (std::size_t i = 0; i < used_; ++i) {
      auto& [seconds, runs] = sums[models_[i]];
      seconds += timers_[i].microseconds() * 1e-6;
      ++runs;
    }
    return sums;
  }

  // Units that replay a graph, while they live.
  std::map<std::string, runtime::Unit*> replaying;

 private:
  std::deque<device::Timer> timers_;
  std::vector<std::string> models_;
  std::size_t used_ = 0;
};

// Seconds of one replay, of `count` in a row that nothing comes between.
inline double replay_seconds(runtime::Unit& unit, const device::Stream& stream, int count) {
  device::Timer timer(stream);
  timer.start();
  for (int i = 0; i < count; ++i) {
    unit.enqueue(runtime::RunKind::kGraph);
  }
  timer.stop();
  return timer.microseconds() * 1e-6 / count;
}

class TimedUnit final : public runtime::Unit {
 public:
  TimedUnit(std::unique_ptr<runtime::Unit> unit, std::string model, const runtime::Lane& lane, ModelTimes& times)
      : unit_(std::move(unit)), model_(std::move(model)), lane_(lane), times_(times) {}
  ~TimedUnit() override {
    if (captured_ && times_.replaying[model_] == unit_.get()) {
      times_.replaying.erase(model_);
    }
  }

  const std::vector<runtime::Declared>& declared_inputs() const override { return unit_->declared_inputs(); }
  const std::vector<runtime::Declared>& declared_outputs() const override { return unit_->declared_outputs(); }
  void bind_input(const runtime::Tensor& tensor) override {
    if (!is_bound_ && !tensor.shape.empty() && tensor.shape.front() > 1) {
      model_ += ", " + std::to_string(tensor.shape.front()) + " a run";
    }
    is_bound_ = true;
    unit_->bind_input(tensor);
  }
  void bind_output(const runtime::Tensor& tensor) override { unit_->bind_output(tensor); }
  std::vector<runtime::Shape> measure_outputs() override { return unit_->measure_outputs(); }
  // The first run with a graph captures; events have no place in a capture.
  void enqueue(runtime::RunKind kind) override {
    if (kind == runtime::RunKind::kGraph && !captured_) {
      captured_ = true;
      unit_->enqueue(kind);
      times_.replaying[model_] = unit_.get();
    } else {
      times_.time(model_, lane_.stream(), [&] { unit_->enqueue(kind); });
    }
  }

 private:
  std::unique_ptr<runtime::Unit> unit_;
  std::string model_;
  const runtime::Lane& lane_;
  ModelTimes& times_;
  bool is_bound_ = false;  // the first input: its first dimension counts the items
  bool captured_ = false;
};

class TimedUnits final : public runtime::UnitMaker {
 public:
  TimedUnits(std::unique_ptr<runtime::UnitMaker> units, ModelTimes& times) : units_(std::move(units)), times_(times) {}

  std::unique_ptr<runtime::Unit> make(const runtime::ModelSource& model, const runtime::Lane& lane,
                                      runtime::UnitKind kind) override {
    return std::make_unique<TimedUnit>(units_->make(model, lane, kind), model.name, lane, times_);
  }
  void write_optimised(const runtime::ModelSource& model, device::Gpu& gpu,
                       const std::filesystem::path& onnx) override {
    units_->write_optimised(model, gpu, onnx);
  }

 private:
  std::unique_ptr<runtime::UnitMaker> units_;
  ModelTimes& times_;
};

}  // namespace facegraph::bench
