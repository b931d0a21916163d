// Units that add one to their input, record what is asked of them and fail where a test wants it.
#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "device/gpu/test_support.hpp"
#include "runtime/graph/gpu_sessions.hpp"

namespace facegraph::runtime {

// What the fakes do; shared by all units of a test.
struct FakeModels {
  static constexpr std::size_t kModelBytes = 10 << 20U;  // on the GPU

  device::FakeGpu* gpu = nullptr;
  // Called before each step, "make graph", "make plain", "make heuristic", "make deterministic", "plain", "capture",
  // "replay", "optimise"; of another form than the first with its name, "capture fp16 nhwc". It may throw.
  std::function<void(const std::string& step)> before = [](const std::string&) {};
  Shape output_shape{4};  // as declared
  std::atomic<int> made_of_optimised{0};
  std::function<std::string(const Form&)> ends_the_process = [](const Form&) { return ""; };  // why not to make it
  float graph_error = 0;                                                                      // added by replays
  std::function<float(const Form&)> form_error = [](const Form&) { return 0.0F; };            // added by all runs
  double advice_takes = 1;       // times as long: runs with the kernels that are advised
  double determinism_takes = 1;  // with those that never change
  std::function<double(const Form&)> run_us = [](const Form&) { return 5.0; };  // that a run takes
  std::function<float()> plain_error = [] {
    return 0.0F;
  };                                                // added by plain runs of kernels that are not deterministic
  Kernels first_deterministic = Kernels::kFastest;  // these and slower ones have no plain_error
  std::optional<Kernels> deterministic_kernels;     // these alone have none
  bool has_forward = false;                         // of Kernels::kForward

  std::vector<std::string> steps() {
    const std::lock_guard lock(mutex_);
    return steps_;
  }
  void forget_steps() {
    const std::lock_guard lock(mutex_);
    steps_.clear();
  }
  std::ptrdiff_t count(const std::string& step) {
    const std::vector<std::string> all = steps();
    return std::count(all.begin(), all.end(), step);
  }
  void note(std::string step, const Form& form = {}) {
    if (form != Form{}) {
      step += fmt::format(" {}", name_of(form));
    }
    {
      const std::lock_guard lock(mutex_);
      steps_.push_back(step);
    }
    before(step);
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> steps_;
};

class FakeUnit : public Unit {
 public:
  FakeUnit(FakeModels& models, UnitKind kind)
      : models_(models),
        form_(kind.form),
        kernels_(kind.kernels),
        deterministic_(models.deterministic_kernels ? kind.kernels == *models.deterministic_kernels
                                                    : kind.kernels >= models.first_deterministic) {
    models_.gpu->take(FakeModels::kModelBytes);
  }
  ~FakeUnit() override { models_.gpu->give(FakeModels::kModelBytes); }

  const std::vector<Declared>& declared_inputs() const override { return inputs_; }
  const std::vector<Declared>& declared_outputs() const override { return outputs_; }
  void bind_input(const Tensor& tensor) override { input_ = tensor; }
  void bind_output(const Tensor& tensor) override { output_ = tensor; }
  std::vector<Shape> measure_outputs() override { return {input_.shape}; }
  void enqueue(RunKind kind) override {
    const bool graph = kind == RunKind::kGraph;
    models_.note(!graph ? "plain" : captured_ ? "replay" : "capture", form_);
    captured_ |= graph;
    models_.gpu->work(models_.run_us(form_) * (kernels_ == Kernels::kHeuristic       ? models_.advice_takes
                                               : kernels_ == Kernels::kDeterministic ? models_.determinism_takes
                                                                                     : 1));
    const float error = models_.form_error(form_) + (graph            ? models_.graph_error
                                                     : deterministic_ ? 0
                                                                      : models_.plain_error());
    const auto* from = static_cast<const float*>(input_.device);
    auto* to = static_cast<float*>(output_.device);
    for (std::size_t i = 0; i < output_.size(); ++i) {
      to[i] = from[i] + 1 + error;
    }
  }

 private:
  FakeModels& models_;
  Form form_;
  Kernels kernels_;
  bool deterministic_;
  std::vector<Declared> inputs_{{"input", ElementType::kF32, {-1}}};
  std::vector<Declared> outputs_{{"output", ElementType::kF32, models_.output_shape}};
  Tensor input_;
  Tensor output_;
  bool captured_ = false;
};

class FakeUnitMaker : public UnitMaker {
 public:
  explicit FakeUnitMaker(FakeModels& models) : models_(models) {}
  bool has_forward(const ModelSource&) override { return models_.has_forward; }
  std::unique_ptr<Unit> make(const ModelSource& model, const Lane&, UnitKind kind) override {
    models_.made_of_optimised += model.optimised ? 1 : 0;
    models_.note(kind.kernels != Kernels::kFastest ? fmt::format("make {}", name_of(kind.kernels))
                 : kind.graph                      ? "make graph"
                                                   : "make plain",
                 kind.form);
    return std::make_unique<FakeUnit>(models_, kind);
  }
  std::string reason_against(const ModelSource&, const Lane&, std::span<const InputSpec>, const Form& form) override {
    return models_.ends_the_process(form);
  }
  void write_optimised(const ModelSource&, device::Gpu&, const std::filesystem::path& onnx) override {
    models_.note("optimise");
    std::ofstream(onnx) << "optimised";
  }

 private:
  FakeModels& models_;
};

}  // namespace facegraph::runtime
