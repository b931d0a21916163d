#include "runtime/session/cpu_session.hpp"

#include <algorithm>
#include <chrono>

#include <time.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/provider/append_provider.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

std::int64_t thread_cpu_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Ort::MemoryInfo host_memory() {
  return Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
}

}  // namespace

std::shared_ptr<LoadedModel> load_model(const ModelSource& source, const ExecutionOptions& options, int device_id) {
  const auto start = std::chrono::steady_clock::now();
  auto model = std::make_shared<LoadedModel>();
  model->name = source.name;
  try {
    Ort::SessionOptions settings = session_settings(options.threads_per_session, source.optimised);
    for (const std::string& provider : options.providers) {
      append_provider(settings, provider, options, {.device_id = device_id});
    }
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

void write_optimised_for_cpu(const ModelSource& source, const std::filesystem::path& onnx) {
  try {
    Ort::SessionOptions settings = session_settings(1, false);
    save_optimised(settings, onnx);
    const Ort::Session session(environment(), source.path.c_str(), settings);
  } catch (const Ort::Exception& error) {
    fail(ErrorCode::kFailed, "{} cannot be optimised: {}", source.path.string(), reason_of(error));
  }
}

CpuSession::CpuSession(std::shared_ptr<LoadedModel> loaded, std::span<const InputSpec> specs)
    : model_(std::move(loaded)) {
  name = model_->name;
  batched_inputs = open_inputs(model_->inputs, model_->outputs);
  check_inputs(name, model_->inputs, specs);
  try {
    make_inputs(specs);
    make_outputs();
  } catch (const Ort::Exception& error) {
    fail(ErrorCode::kFailed, "{}: cannot be prepared: {}", name, reason_of(error));
  }
  for (const Tensor& input : inputs) {
    input_names_.push_back(input.name.c_str());
    input_values_.push_back(view_of(host_memory(), input, input.data));
  }
  for (const Tensor& output : outputs) {
    output_names_.push_back(output.name.c_str());
    output_values_.push_back(view_of(host_memory(), output, output.data));
  }
}

Tensor CpuSession::make_tensor(const std::string& tensor_name, ElementType type, const Shape& shape) {
  Tensor tensor;
  tensor.name = tensor_name;
  tensor.type = type;
  tensor.shape = shape;
  tensor.data = buffers_.emplace_back(tensor.bytes()).data();
  return tensor;
}

void CpuSession::make_inputs(std::span<const InputSpec> specs) {
  for (const InputSpec& spec : specs) {
    inputs.push_back(make_tensor(spec.name, spec.type, spec.shape));
  }
}

void CpuSession::make_outputs() {
  const bool known = std::all_of(model_->outputs.begin(), model_->outputs.end(),
                                 [](const Declared& output) { return is_static(output.shape); });
  std::vector<Shape> measured;
  if (!known) {
    Ort::IoBinding binding(model_->session);
    for (const Tensor& input : inputs) {
      binding.BindInput(input.name.c_str(), view_of(host_memory(), input, input.data));
    }
    measured = measure_outputs(model_->session, binding, model_->outputs, host_memory(), Ort::RunOptions{nullptr});
  }
  for (std::size_t i = 0; i < model_->outputs.size(); ++i) {
    const Declared& declared = model_->outputs[i];
    outputs.push_back(make_tensor(declared.name, declared.type, known ? declared.shape : measured[i]));
  }
}

void CpuSession::run() {
  const std::int64_t start = thread_cpu_nanoseconds();
  try {
    model_->session.Run(Ort::RunOptions{nullptr}, input_names_.data(), input_values_.data(), input_values_.size(),
                        output_names_.data(), output_values_.data(), output_values_.size());
  } catch (const Ort::Exception& error) {
    fail(ErrorCode::kFailed, "{}: inference failed: {}", name, reason_of(error));
  }
  model_->cpu_nanoseconds += thread_cpu_nanoseconds() - start;
  ++model_->runs;
}

}  // namespace facegraph::runtime
