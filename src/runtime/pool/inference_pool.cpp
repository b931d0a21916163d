#include "runtime/pool/inference_pool.hpp"

#include <utility>

#include <fmt/ranges.h>

#include "runtime/graph/cuda_unit.hpp"
#include "runtime/optimised/optimised_models.hpp"
#include "runtime/precision/rewritten_model.hpp"
#include "runtime/provider/providers.hpp"
#include "runtime/records/processor_key.hpp"
#include "runtime/session/cpu_session.hpp"

namespace facegraph::runtime {

namespace {

// Of auto: half of what larger batches gain is gained by then (docs/decisions/0015-batches-of-frames.md).
constexpr int kFramesAtOnce = 4;

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
  keep_optimised();
}

InferencePool::InferencePool(ExecutionOptions options, GpuBackend backend)
    : options_(std::move(options)), gpu_(std::make_shared<GpuSessions>(options_, std::move(backend))) {
  keep_optimised();
}

InferencePool::~InferencePool() = default;

Session InferencePool::open(const std::string& module, const ModelSource& model, std::span<const InputSpec> inputs,
                            int device_id) {
  const auto open = [&](const ModelSource& source) { return open_in_form(module, source, inputs, device_id); };
  return options_.batch_frames == 1 ? open(model) : with_batch(model, inputs, open);
}

Session InferencePool::open_in_form(const std::string& module, const ModelSource& model,
                                    std::span<const InputSpec> inputs, int device_id) {
  ChosenForm chosen = gpu_ && options_.precision == Precision::kAuto ? gpu_->choose(module, model, inputs, device_id)
                                                                     : ChosenForm{form_of(options_, model.role)};
  chosen.form.nhwc = chosen.form.nhwc && gpu_;  // there is no such layout elsewhere
  return with_form(model, chosen.form, inputs, [&](const ModelSource& source) {
    return with_optimised(optimised_.get(), source, [&](const ModelSource& file) {
      if (gpu_) {
        return Session(gpu_->open(module, file, inputs, device_id, chosen));
      }
      return Session(std::make_unique<CpuSession>(model_for(module, file, device_id), inputs));
    });
  });
}

// Other accelerators compile models into what cannot be written; and the channels-last operators that --cuda-nhwc and
// --precision auto make are ONNX Runtime's own, no file holds them.
void InferencePool::keep_optimised() {
  const bool on_cpu = options_.providers == std::vector<std::string>{"cpu"};
  if (options_.optimised_bytes == 0 || (gpu_ ? options_.nhwc || options_.precision == Precision::kAuto : !on_cpu)) {
    return;
  }
  const auto write = [this](const ModelSource& model, const std::filesystem::path& onnx) {
    gpu_ ? gpu_->write_optimised(model, onnx) : write_optimised_for_cpu(model, onnx);
  };
  const std::string machine =
      fmt::format("{}, {}", gpu_ ? gpu_->machine() : "ONNX Runtime " + runtime_version() + ", CPU", processor_key());
  optimised_ =
      std::make_unique<OptimisedModels>(OptimisedModels::kStandardFolder, options_.optimised_bytes, machine, write);
}

void InferencePool::prepare(std::vector<ModelSource> models) {
  if (optimised_ && options_.precision != Precision::kFp16) {  // those are written from rewritten models
    optimised_->prepare(std::move(models));
  }
}

LoadedAhead InferencePool::load_ahead(const std::vector<ModelSource>& models, int device_id, Opens opens) {
  if (gpu_) {
    const auto file = [this](const ModelSource& model, const Form& form) {
      const ModelSource source = rewritten_model(model, form.precision);
      return optimised_ ? optimised_->find(source) : source;
    };
    gpu_->begin_ahead(models, device_id, opens, file, same_together());
  }
  return LoadedAhead(gpu_);
}

bool InferencePool::knows_any(const std::vector<ModelSource>& models) const {
  return gpu_ && !gpu_->opened_before(models).empty();
}

bool InferencePool::started_from_cache() const {
  const bool models_found = optimised_ ? optimised_->missing() == 0 : gpu_ != nullptr;  // else none would be kept
  return models_found && (!gpu_ || gpu_->tried_before());
}

std::shared_ptr<LoadedModel> InferencePool::model_for(const std::string& module, const ModelSource& source,
                                                      int device_id) {
  const std::string key = fmt::format("{}.{}.{}.{}.{}", module, source.name, source.path.string(), device_id,
                                      fmt::join(options_.providers, "."));
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

int InferencePool::frames_at_once() const {
  return gpu_ == nullptr ? 1 : options_.batch_frames.value_or(kFramesAtOnce);
}

Same InferencePool::same_together() const {
  return frames_at_once() > 1 && gpu_->runs_often() ? Same::kClose : Same::kBits;
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

device::MemoryInfo InferencePool::memory(int device_id) const {
  return gpu_ ? gpu_->memory(device_id) : device::MemoryInfo{};
}

device::Site InferencePool::site(int device_id) {
  return gpu_ ? gpu_->lane(device_id)->site() : device::Site();
}

FiniteCheck InferencePool::fetch_finite(int device_id) {
  return gpu_ ? gpu_->lane(device_id)->fetch_finite() : FiniteCheck();
}

device::Gpu* InferencePool::gpu(int device_id) const {
  return gpu_ ? &gpu_->gpu(device_id) : nullptr;
}

void InferencePool::check_finite(int device_id) {
  const FiniteCheck finite = fetch_finite(device_id);
  wait(device_id);
  finite.check();
}

void InferencePool::wait(int device_id) {
  if (gpu_) {
    gpu_->lane(device_id)->site().wait();
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
