#include "runtime/pool/inference_pool.hpp"

#include <utility>

#include <fmt/ranges.h>

#include "runtime/graph/cuda_unit.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "runtime/provider/providers.hpp"
#include "runtime/session/cpu_session.hpp"

namespace facegraph::runtime {

namespace {

std::optional<GpuBackend>& backend_in_place() {
  static std::optional<GpuBackend> backend;
  return backend;
}

GpuBackend backend_for(const ExecutionOptions& options) {
  if (backend_in_place()) {
    return *backend_in_place();
  }
  check_providers(options);
  return {device::cuda_gpu, make_cuda_units(options),
          std::make_shared<GraphRecords>(GraphRecords::kStandardPath, this_machine())};
}

}  // namespace

BackendScope::BackendScope(GpuBackend backend) {
  backend_in_place() = std::move(backend);
}

BackendScope::~BackendScope() {
  backend_in_place().reset();
}

InferencePool::InferencePool(ExecutionOptions options) : options_(std::move(options)) {
  if (options_.on_cuda()) {
    gpu_ = std::make_shared<GpuSessions>(options_, backend_for(options_));
  } else {
    check_providers(options_);
  }
}

InferencePool::InferencePool(ExecutionOptions options, GpuBackend backend)
    : options_(std::move(options)), gpu_(std::make_shared<GpuSessions>(options_, std::move(backend))) {}

InferencePool::~InferencePool() = default;

Session InferencePool::open(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                            int device_id) {
  // Half precision is for what makes pixels: the same faces are worked on with it and without.
  const Precision precision = model.decides ? Precision::kTf32 : options_.precision;
  return with_precision(model, precision, [&](const ModelSource& source) {
    if (gpu_) {
      return Session(gpu_->open(module, source, inputs, device_id));
    }
    return Session(std::make_unique<CpuSession>(model_for(module, source, device_id), inputs));
  });
}

std::shared_ptr<LoadedModel> InferencePool::model_for(const std::string& module, const ModelSource& source,
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
    auto model = load_model(source, options_, device_id);  // without mutex_: other models load meanwhile
    const std::lock_guard lock(mutex_);
    slot->model = std::move(model);
  }
  return slot->model;
}

void InferencePool::expect_runs(std::optional<std::int64_t> runs) {
  if (gpu_) {
    gpu_->expect_runs(runs);
  }
}

void InferencePool::release(const std::string& module) {
  if (gpu_) {
    gpu_->release(module);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(models_, [&](const auto& entry) { return entry.second->module == module; });
}

void InferencePool::release_idle() {
  if (gpu_) {
    gpu_->release_idle();
  }
}

void InferencePool::release_lanes() {
  if (gpu_) {
    gpu_->release_lanes();
  }
}

device::Site InferencePool::site(int device_id) {
  return gpu_ ? gpu_->lane(device_id)->site() : device::Site();
}

void InferencePool::check_finite(int device_id) {
  if (gpu_) {
    gpu_->lane(device_id)->check_finite();
  }
}

void InferencePool::wait(int device_id) {
  if (gpu_) {
    gpu_->lane(device_id)->stream().wait();
  }
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
  for (const GraphReport& report : graph_reports()) {
    result.push_back({report.model, report.runs, 0, report.load_seconds});
  }
  return result;
}

std::vector<GraphReport> InferencePool::graph_reports() const {
  return gpu_ ? gpu_->reports() : std::vector<GraphReport>{};
}

}  // namespace facegraph::runtime
