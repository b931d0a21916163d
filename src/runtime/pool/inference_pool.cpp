#include "runtime/pool/inference_pool.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

// The reference's names in its order. spec: application.md 7.1
constexpr std::array<std::pair<const char*, const char*>, 9> kProviders{{
    {"cuda", "CUDAExecutionProvider"},
    {"tensorrt", "TensorrtExecutionProvider"},
    {"rocm", "ROCMExecutionProvider"},
    {"migraphx", "MIGraphXExecutionProvider"},
    {"coreml", "CoreMLExecutionProvider"},
    {"openvino", "OpenVINOExecutionProvider"},
    {"qnn", "QNNExecutionProvider"},
    {"directml", "DmlExecutionProvider"},
    {"cpu", "CPUExecutionProvider"},
}};

std::vector<Declared> declared_inputs(const Ort::Session& session, const std::string& model) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<Declared> result;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    const auto info = session.GetInputTypeInfo(i);
    const auto tensor = info.GetTensorTypeAndShapeInfo();
    result.push_back({session.GetInputNameAllocated(i, allocator).get(), element_type(tensor.GetElementType(), model),
                      tensor.GetShape()});
  }
  return result;
}

std::vector<Declared> declared_outputs(const Ort::Session& session, const std::string& model) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<Declared> result;
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    const auto info = session.GetOutputTypeInfo(i);
    const auto tensor = info.GetTensorTypeAndShapeInfo();
    result.push_back({session.GetOutputNameAllocated(i, allocator).get(), element_type(tensor.GetElementType(), model),
                      tensor.GetShape()});
  }
  return result;
}

std::shared_ptr<InferencePool::Model> load(const ModelSource& source, const ExecutionOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  auto model = std::make_shared<InferencePool::Model>();
  model->name = source.name;
  try {
    Ort::SessionOptions settings;
    settings.SetIntraOpNumThreads(options.threads_per_session);
    settings.SetInterOpNumThreads(1);
    settings.AddConfigEntry("session.intra_op.allow_spinning",
                            "0");  // idle threads leave the cores to the other stages
    model->session = Ort::Session(environment(), source.path.c_str(), settings);
    model->inputs = declared_inputs(model->session, source.name);
    model->outputs = declared_outputs(model->session, source.name);
  } catch (const Ort::Exception& error) {
    fail(ErrorCode::kFailed, "{}: {} cannot be loaded as a model: {}", source.name, source.path.string(),
         reason_of(error));
  }
  model->load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  core::log_debug("runtime", "{} loaded in {:.2f} seconds", source.name, model->load_seconds);
  return model;
}

}  // namespace

std::vector<std::string> available_providers() {
  const std::vector<std::string> present = Ort::GetAvailableProviders();
  std::vector<std::string> names;
  for (const auto& [name, provider] : kProviders) {
    if (std::find(present.begin(), present.end(), provider) != present.end()) {
      names.emplace_back(name);
    }
  }
  return names;
}

std::string runtime_version() {
  return Ort::GetVersionString();
}

InferencePool::InferencePool(ExecutionOptions options) : options_(std::move(options)) {
  const std::vector<std::string> present = available_providers();
  for (const std::string& provider : options_.providers) {
    if (std::find(present.begin(), present.end(), provider) == present.end()) {
      fail(ErrorCode::kUsage, "execution provider {} is not in this ONNX Runtime ({}); it has {}", provider,
           runtime_version(), fmt::join(present, ", "));
    }
  }
}

InferencePool::~InferencePool() = default;

Session InferencePool::open(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                            int device_id) {
  return Session(std::make_unique<Session::State>(model_for(module, model, device_id), inputs));
}

std::shared_ptr<InferencePool::Model> InferencePool::model_for(const std::string& module, const ModelSource& source,
                                                               int device_id) {
  const std::string key =
      fmt::format("{}.{}.{}.{}", module, source.name, device_id, fmt::join(options_.providers, "."));
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    auto& entry = models_[key];
    if (!entry) {
      entry = std::make_shared<Slot>();
      entry->module = module;
    }
    slot = entry;
  }
  const std::lock_guard loading(slot->loading);
  if (!slot->model) {
    auto model = load(source, options_);  // without mutex_: other models load meanwhile
    const std::lock_guard lock(mutex_);
    slot->model = std::move(model);
  }
  return slot->model;
}

void InferencePool::release(const std::string& module) {
  const std::lock_guard lock(mutex_);
  std::erase_if(models_, [&](const auto& entry) { return entry.second->module == module; });
}

std::vector<ModelUse> InferencePool::use() const {
  const std::lock_guard lock(mutex_);
  std::vector<ModelUse> result;
  for (const auto& [key, slot] : models_) {
    if (slot->model) {
      result.push_back({slot->model->name, slot->model->runs, static_cast<double>(slot->model->cpu_nanoseconds) * 1e-9,
                        slot->model->load_seconds});
    }
  }
  return result;
}

}  // namespace facegraph::runtime
