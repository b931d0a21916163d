// Units for GPUs made of host memory: ONNX Runtime's CPU provider on the tensors' device halves. With them everything
// above the runtime runs on the GPU's path on any machine.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.hpp"
#include "device/gpu/test_support.hpp"
#include "runtime/graph/gpu_sessions.hpp"
#include "runtime/records/graph_records.hpp"
#include "runtime/session/cpu_session.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

class HostUnit : public Unit {
 public:
  explicit HostUnit(const ModelSource& model) : name_(model.name) {
    try {
      session_ = Ort::Session(environment(), model.path.c_str(), session_settings(1, model.optimised));
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

 private:
  std::string name_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::Session session_{nullptr};
  Ort::IoBinding binding_{nullptr};
  std::vector<Declared> inputs_;
  std::vector<Declared> outputs_;
};

class HostUnitMaker : public UnitMaker {
 public:
  std::unique_ptr<Unit> make(const ModelSource& model, const Lane&, UnitKind) override {
    return std::make_unique<HostUnit>(model);
  }
  void write_optimised(const ModelSource& model, device::Gpu&, const std::filesystem::path& onnx) override {
    write_optimised_for_cpu(model, onnx);
  }
};

// `gpu` stands for the GPU of every id; what is found out about models is kept in `records`.
inline GpuBackend host_backend(device::FakeGpu& gpu, const std::filesystem::path& records) {
  return {[&gpu](int) -> device::Gpu& { return gpu; }, std::make_shared<HostUnitMaker>(),
          std::make_shared<GraphRecords>(records, "host memory")};
}

}  // namespace facegraph::runtime
