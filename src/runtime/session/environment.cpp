#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include <onnxruntime_session_options_config_keys.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "runtime/precision/fixed_inputs.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

namespace {

// Its errors reach the user through exceptions with the model named; here they are detail.
void forward_log(void*, OrtLoggingLevel, const char*, const char*, const char*, const char* message) {
  core::log_debug("runtime", "{}", message);
}

Ort::Env make_environment() {
  // The published library is built with telemetry: it leaves a file in the temporary folder and may report to its maker
  // unless it is told not to before it starts.
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  Ort::Env made(ORT_LOGGING_LEVEL_ERROR, "facegraph", forward_log, nullptr);
  made.DisableTelemetryEvents();
  return made;
}

Declared declared(const char* name, const Ort::TypeInfo& info, const std::string& model) {
  const auto tensor = info.GetTensorTypeAndShapeInfo();
  return {name, element_type(tensor.GetElementType(), model), tensor.GetShape()};
}

// First dimensions as before the file was written with fixed ones: what runs one item a session takes several.
void reopen(std::vector<Declared>& tensors, const Ort::Session& session) {
  Ort::AllocatorWithDefaultOptions allocator;
  const auto names = session.GetModelMetadata().LookupCustomMetadataMapAllocated(kOpenBefore, allocator);
  std::istringstream lines(names ? names.get() : "");
  for (std::string name; std::getline(lines, name);) {
    for (Declared& tensor : tensors) {
      if (tensor.name == name && !tensor.shape.empty()) {
        tensor.shape.front() = -1;
      }
    }
  }
}

}  // namespace

Ort::Env& environment() {
  // Never destroyed: at the end of the process the CUDA provider's library may be gone before its last callback.
  static Ort::Env& instance = *new Ort::Env(make_environment());
  return instance;
}

Ort::SessionOptions session_settings(int threads, bool optimised) {
  Ort::SessionOptions settings;
  settings.SetIntraOpNumThreads(threads);
  settings.SetInterOpNumThreads(1);
  settings.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  if (optimised) {
    settings.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
  }
  return settings;
}

void save_optimised(Ort::SessionOptions& settings, const std::filesystem::path& onnx) {
  constexpr const char* kLargeBytes = "1024";  // smaller tensors hold shapes, which are read while a model is loaded
  settings.SetOptimizedModelFilePath(onnx.c_str());
  settings.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersFileName, "model.data");
  settings.AddConfigEntry(kOrtSessionOptionsOptimizedModelExternalInitializersMinSizeInBytes, kLargeBytes);
}

std::string reason_of(const Ort::Exception& error) {
  std::string text = error.what();
  text.erase(text.find_last_not_of("\r\n ") + 1);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

ElementType element_type(ONNXTensorElementDataType type, const std::string& what) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return ElementType::kF32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return ElementType::kF16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      return ElementType::kF64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return ElementType::kI32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return ElementType::kI64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
      return ElementType::kU8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL:
      return ElementType::kBool;
    default:
      core::fail(core::ErrorCode::kFailed, "{}: tensor element type {} is not supported", what, static_cast<int>(type));
  }
}

ONNXTensorElementDataType onnx_type(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    case ElementType::kF16:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16;
    case ElementType::kF64:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE;
    case ElementType::kI32:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;
    case ElementType::kI64:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
    case ElementType::kU8:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
    case ElementType::kBool:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

std::vector<Declared> declared_inputs(const Ort::Session& session, const std::string& model) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<Declared> result;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    result.push_back(declared(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i), model));
  }
  reopen(result, session);
  return result;
}

std::vector<Declared> declared_outputs(const Ort::Session& session, const std::string& model) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<Declared> result;
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    result.push_back(declared(session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i), model));
  }
  reopen(result, session);
  return result;
}

Ort::Value view_of(const Ort::MemoryInfo& memory, const Tensor& tensor, void* data) {
  return Ort::Value::CreateTensor(memory, data, tensor.bytes(), tensor.shape.data(), tensor.shape.size(),
                                  onnx_type(tensor.type));
}

void use_weights(Ort::SessionOptions& settings, const Ort::MemoryInfo& memory, std::span<const Tensor> weights,
                 std::vector<Ort::Value>& views) {
  views.reserve(weights.size());
  for (const Tensor& weight : weights) {
    views.push_back(view_of(memory, weight, weight.device));
    settings.AddInitializer(weight.name.c_str(), views.back());
  }
}

std::vector<Shape> measure_outputs(Ort::Session& session, Ort::IoBinding& binding, const std::vector<Declared>& outputs,
                                   const Ort::MemoryInfo& memory, const Ort::RunOptions& options) {
  for (const Declared& output : outputs) {
    binding.BindOutput(output.name.c_str(), memory);
  }
  session.Run(options, binding);
  std::vector<Shape> shapes;
  for (const Ort::Value& value : binding.GetOutputValues()) {
    shapes.push_back(value.GetTensorTypeAndShapeInfo().GetShape());
  }
  binding.ClearBoundOutputs();
  return shapes;
}

}  // namespace facegraph::runtime
