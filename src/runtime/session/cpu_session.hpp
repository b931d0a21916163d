// Sessions on host memory: the CPU provider, and accelerators that take host tensors. Many share one loaded model.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "device/buffer.hpp"
#include "runtime/graph/unit.hpp"
#include "runtime/provider/execution_options.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

struct LoadedModel {
  std::string name;
  Ort::Session session{nullptr};
  std::vector<Declared> inputs;
  std::vector<Declared> outputs;
  double load_seconds = 0;
  std::atomic<std::int64_t> runs{0};
  std::atomic<std::int64_t> cpu_nanoseconds{0};
};

// Throws Error(kFailed) for a file that is no model.
std::shared_ptr<LoadedModel> load_model(const ModelSource& source, const ExecutionOptions& options, int device_id);

// Writes the model as the CPU provider optimises it on this processor. Throws Error(kFailed).
void write_optimised_for_cpu(const ModelSource& source, const std::filesystem::path& onnx);

class CpuSession : public SessionState {
 public:
  CpuSession(std::shared_ptr<LoadedModel> model, std::span<const InputSpec> specs);
  void run() override;
  void enqueue() override { run(); }
  void fetch() override {}

 private:
  Tensor make_tensor(const std::string& name, ElementType type, const Shape& shape);
  void make_inputs(std::span<const InputSpec> specs);
  void make_outputs();

  std::shared_ptr<LoadedModel> model_;
  std::vector<device::Buffer> buffers_;
  // As Run takes them. No binding: that copies inputs to an accelerator once, when they are bound.
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  std::vector<Ort::Value> input_values_;
  std::vector<Ort::Value> output_values_;
};

}  // namespace facegraph::runtime
