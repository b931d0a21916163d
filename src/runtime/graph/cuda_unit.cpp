#include "runtime/graph/cuda_unit.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "device/gpu/capture_gate.hpp"
#include "runtime/choice/form_trial.hpp"
#include "runtime/graph/shared_weights.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "runtime/provider/append_provider.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::array<int, 2> kFirstWithSafeReplay{1, 31};
constexpr std::size_t kFewBytes = std::size_t{64} << 20U;  // no model loads with less

// The number behind "requested buffer of size" or "memory required", or 0.
std::size_t bytes_in(const std::string& words) {
  for (const char* before : {"of size ", "bytes: "}) {
    const std::size_t at = words.find(before);
    if (at != std::string::npos) {
      return std::strtoull(words.c_str() + at + std::char_traits<char>::length(before), nullptr, 10);
    }
  }
  return 0;
}

bool holds_any(const std::string& words, std::initializer_list<const char*> texts) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const char* text) { return words.find(text) != std::string::npos; });
}

// Run() then only enqueues. In a session without graphs it has to wait: ONNX Runtime 1.31.1 keeps the pinned buffers of
// every run that does not, and gives them back from a stream callback when the session goes, where CUDA forbids it and
// the program ends (docs/decisions/0005-graph-replay.md).
Ort::RunOptions run_options(const char* graph_id, bool wait) {
  Ort::RunOptions options;
  options.AddConfigEntry("gpu_graph_id", graph_id);
  options.AddConfigEntry("disable_synchronize_execution_providers", wait ? "0" : "1");
  return options;
}

class CudaUnit : public Unit {
 public:
  // weights: none, or those of the model's file.
  CudaUnit(const ModelSource& model, const Lane& lane, const ExecutionOptions& options, UnitKind kind,
           std::shared_ptr<const SharedWeights> weights)
      : name_(model.name),
        device_(lane.gpu()),
        gpu_(fmt::format("GPU {} ({})", lane.gpu().info().id, lane.gpu().info().name)),
        memory_("Cuda", OrtDeviceAllocator, lane.gpu().info().id, OrtMemTypeDefault),
        plain_(run_options("-1", !kind.graph && !options.captured_outside)),
        replay_(run_options("1", false)),
        weights_(std::move(weights)) {
    guarded([&] {
      Ort::SessionOptions settings = session_settings(1, model.optimised);
      settings.SetDeterministicCompute(kind.kernels == Kernels::kDeterministic);
      append_provider(settings, "cuda", options,
                      {.device_id = lane.gpu().info().id,
                       .graph = kind.graph,
                       .kernels = kind.kernels,
                       .stream = lane.stream().handle()});
      if (weights_) {
        use_weights(settings, memory_, weights_->tensors(), views_);
      }
      session_ = Ort::Session(environment(), model.path.c_str(), settings);
      binding_ = Ort::IoBinding(session_);
      inputs_ = runtime::declared_inputs(session_, name_);
      outputs_ = runtime::declared_outputs(session_, name_);
    });
  }

  const std::vector<Declared>& declared_inputs() const override { return inputs_; }
  const std::vector<Declared>& declared_outputs() const override { return outputs_; }

  void bind_input(const Tensor& tensor) override {
    guarded([&] { binding_.BindInput(tensor.name.c_str(), view_of(memory_, tensor, tensor.device)); });
  }
  void bind_output(const Tensor& tensor) override {
    guarded([&] { binding_.BindOutput(tensor.name.c_str(), view_of(memory_, tensor, tensor.device)); });
  }
  std::vector<Shape> measure_outputs() override {
    std::vector<Shape> shapes;
    guarded([&] { shapes = runtime::measure_outputs(session_, binding_, outputs_, memory_, plain_); });
    return shapes;
  }
  void enqueue(RunKind kind) override {
    guarded([&] { session_.Run(kind == RunKind::kGraph ? replay_ : plain_, binding_); });
  }
  std::size_t shared_bytes() const override { return weights_ ? weights_->bytes() : 0; }

 private:
  template <typename Work>
  void guarded(const Work& work) {
    try {
      work();
    } catch (const Ort::Exception& error) {
      std::string words = reason_of(error);
      if (is_full()) {
        words += "; out of memory";  // libraries say then that they cannot start
      }
      fail_on_gpu(name_, gpu_, words);
    }
  }

  bool is_full() noexcept {
    try {
      return device_.memory().free < kFewBytes;
    } catch (const core::Error&) {
      return false;
    }
  }

  std::string name_;
  device::Gpu& device_;
  std::string gpu_;
  Ort::MemoryInfo memory_;
  Ort::RunOptions plain_;
  Ort::RunOptions replay_;
  std::shared_ptr<const SharedWeights> weights_;
  std::vector<Ort::Value> views_;  // of the weights
  Ort::Session session_{nullptr};
  Ort::IoBinding binding_{nullptr};
  std::vector<Declared> inputs_;
  std::vector<Declared> outputs_;
};

class CudaUnitMaker : public UnitMaker {
 public:
  explicit CudaUnitMaker(const ExecutionOptions& options) : options_(options) {}

  std::unique_ptr<Unit> make(const ModelSource& model, const Lane& lane, UnitKind kind) override {
    const std::string loaded = Ort::GetVersionString();
    if (kind.graph && !replays_safely(loaded)) {
      fail(ErrorCode::kFailed, "ONNX Runtime {} is loaded, replay needs {}.{} or newer", loaded,
           kFirstWithSafeReplay[0], kFirstWithSafeReplay[1]);
    }
    const ExecutionOptions options = with_form(options_, kind.form);
    const ModelSource source = file_of(model, kind.kernels);
    const device::AllocationScope scope;
    try {
      return std::make_unique<CudaUnit>(source, lane, options, kind, weights_of(source, lane.gpu()));
    } catch (const core::Error& error) {
      if (source.path == model.path || error.code() != ErrorCode::kFailed) {
        throw;
      }
      forget_rewritten(source);  // a broken cache, perhaps
      return std::make_unique<CudaUnit>(model, lane, options, kind, weights_of(model, lane.gpu()));
    }
  }

  bool has_forward(const ModelSource& model) override {
    return file_of(model, Kernels::kForward).path != file_of(model, Kernels::kHeuristic).path;
  }

  std::string reason_against(const ModelSource& model, const Lane& lane, std::span<const InputSpec> inputs,
                             const Form& form) override {
    return may_end_the_process(form) ? trial_of_form(model, inputs, lane.gpu().info().id, form) : "";
  }

  void write_optimised(const ModelSource& model, device::Gpu& gpu, const std::filesystem::path& onnx) override {
    gpu.bind_thread();
    const device::AllocationScope scope;
    try {
      Ort::SessionOptions settings = session_settings(1, false);
      append_provider(settings, "cuda", options_, {.device_id = gpu.info().id});
      save_optimised(settings, onnx);
      const Ort::Session session(environment(), with_forward_convolutions(model, Weights::kStored).path.c_str(),
                                 settings);
    } catch (const Ort::Exception& error) {
      fail(ErrorCode::kFailed, "{} cannot be optimised: {}", model.path.string(), reason_of(error));
    }
  }

 private:
  static ModelSource file_of(const ModelSource& model, Kernels kernels) {
    return model.optimised
               ? model
               : with_forward_convolutions(model, kernels == Kernels::kForward ? Weights::kAll : Weights::kStored);
  }

  // A file that is none says so when its session is made.
  std::shared_ptr<const SharedWeights> weights_of(const ModelSource& model, device::Gpu& gpu) {
    if (!options_.shares_weights) {
      return nullptr;
    }
    try {
      return library_.of(model.path, gpu);
    } catch (const core::Error& error) {
      if (error.code() != ErrorCode::kFailed) {
        throw;
      }
      core::log_debug("runtime", "{}: its weights are not shared: {}", model.name, error.what());
      return nullptr;
    }
  }

  ExecutionOptions options_;
  WeightLibrary library_;
};

}  // namespace

bool replays_safely(const std::string& runtime_version) {
  std::array<int, 2> version{};
  std::sscanf(runtime_version.c_str(), "%d.%d", &version[0], &version[1]);
  return version >= kFirstWithSafeReplay;
}

void fail_on_gpu(const std::string& model, const std::string& gpu, const std::string& words) {
  if (holds_any(words, {"out of memory", "Failed to allocate memory", "CUDA failure 2:", "CUBLAS_STATUS_ALLOC_FAILED",
                        "CUDNN_STATUS_ALLOC_FAILED", "the resource allocation failed"})) {
    const std::size_t bytes = bytes_in(words);
    fail(ErrorCode::kOutOfMemory,
         "{}: the memory of {} is full{}: close other programs on the GPU, take fewer frames at "
         "a time (--execution-lanes) or smaller models ({})",
         model, gpu, bytes == 0 ? "" : fmt::format(", {} more bytes were needed", bytes), words);
  }
  if (holds_any(words, {"CUDA failure 700:", "CUDA failure 702:", "CUDA failure 710:", "CUDA failure 714:",
                        "CUDA failure 715:", "CUDA failure 716:", "CUDA failure 717:", "CUDA failure 718:",
                        "CUDA failure 719:", "illegal memory access", "unspecified launch failure"})) {
    fail(ErrorCode::kDeviceLost, "{}: {} is lost, start again from here: {}", model, gpu, words);
  }
  fail(ErrorCode::kFailed, "{}", words);
}

std::unique_ptr<UnitMaker> make_cuda_units(const ExecutionOptions& options) {
  return std::make_unique<CudaUnitMaker>(options);
}

}  // namespace facegraph::runtime
