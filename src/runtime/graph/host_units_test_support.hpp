// Units for GPUs made of host memory: ONNX Runtime's CPU provider on the tensors' device halves. With them everything
// above the runtime runs on the GPU's path on any machine.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.hpp"
#include "device/gpu/test_support.hpp"
#include "runtime/graph/gpu_sessions.hpp"
#include "runtime/graph/shared_weights.hpp"
#include "runtime/records/graph_records.hpp"
#include "runtime/session/cpu_session.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

class HostUnit : public Unit {
 public:
  HostUnit(const ModelSource& model, std::shared_ptr<const SharedWeights> weights)
      : name_(model.name), weights_(std::move(weights)) {
    try {
      Ort::SessionOptions settings = session_settings(1, model.optimised);
      if (weights_) {
        use_weights(settings, memory_, weights_->tensors(), views_);
      }
      session_ = Ort::Session(environment(), model.path.c_str(), settings);
      binding_ = Ort::IoBinding(session_);
      inputs_ = runtime::declared_inputs(session_, name_);
      outputs_ = runtime::declared_outputs(session_, name_);
    } catch (const Ort::Exception& error) {
      core::fail(core::ErrorCode::kFailed, "{}: {}", name_, reason_of(error));
    }
  }

  const std::vector<Declared>& declared_inputs() const override { return inputs_; }
  const std::vector<Declared>& declared_outputs() const override { return outputs_; }
  void bind_input(const Tensor& tensor) override {
    binding_.BindInput(tensor.name.c_str(), view_of(memory_, tensor, tensor.device));
  }
  void bind_output(const Tensor& tensor) override {
    binding_.BindOutput(tensor.name.c_str(), view_of(memory_, tensor, tensor.device));
  }
  std::vector<Shape> measure_outputs() override {
    return runtime::measure_outputs(session_, binding_, outputs_, memory_, Ort::RunOptions{nullptr});
  }
  void enqueue(RunKind) override { session_.Run(Ort::RunOptions{nullptr}, binding_); }
  std::size_t shared_bytes() const override { return weights_ ? weights_->bytes() : 0; }

 private:
  std::string name_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::shared_ptr<const SharedWeights> weights_;
  std::vector<Ort::Value> views_;
  Ort::Session session_{nullptr};
  Ort::IoBinding binding_{nullptr};
  std::vector<Declared> inputs_;
  std::vector<Declared> outputs_;
};

class HostUnitMaker : public UnitMaker {
 public:
  // shares_weights: as ExecutionOptions has it.
  explicit HostUnitMaker(bool shares_weights = false) : shares_weights_(shares_weights) {}

  std::unique_ptr<Unit> make(const ModelSource& model, const Lane& lane, UnitKind) override {
    return std::make_unique<HostUnit>(model, shares_weights_ ? library_.of(model.path, lane.gpu()) : nullptr);
  }
  WeightLibrary& library() { return library_; }
  void write_optimised(const ModelSource& model, device::Gpu&, const std::filesystem::path& onnx) override {
    write_optimised_for_cpu(model, onnx);
  }

 private:
  bool shares_weights_;
  WeightLibrary library_;
};

// `gpu` stands for the GPU of every id; what is found out about models is kept in `records`.
inline GpuBackend host_backend(device::FakeGpu& gpu, const std::filesystem::path& records,
                               bool shares_weights = false) {
  return {[&gpu](int) -> device::Gpu& { return gpu; }, std::make_shared<HostUnitMaker>(shares_weights),
          std::make_shared<GraphRecords>(records, "host memory")};
}

}  // namespace facegraph::runtime
