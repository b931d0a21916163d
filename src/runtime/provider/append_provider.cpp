#include "runtime/provider/append_provider.hpp"

#include <filesystem>
#include <memory>

#include "core/base/error.hpp"
#include "runtime/provider/providers.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

namespace {

// Keys and values as ONNX Runtime's C functions take them; views into `settings`.
struct Pairs {
  explicit Pairs(const ProviderSettings& settings) {
    for (const auto& [key, value] : settings) {
      keys.push_back(key.c_str());
      values.push_back(value.c_str());
    }
  }
  std::vector<const char*> keys;
  std::vector<const char*> values;
};

void append_cuda(Ort::SessionOptions& settings, const ProviderSettings& chosen, device::StreamHandle stream) {
  const OrtApi& api = Ort::GetApi();
  OrtCUDAProviderOptionsV2* options = nullptr;
  Ort::ThrowOnError(api.CreateCUDAProviderOptions(&options));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, decltype(api.ReleaseCUDAProviderOptions)> owner(
      options, api.ReleaseCUDAProviderOptions);
  const Pairs pairs(chosen);
  Ort::ThrowOnError(api.UpdateCUDAProviderOptions(options, pairs.keys.data(), pairs.values.data(), pairs.keys.size()));
  if (stream != nullptr) {
    Ort::ThrowOnError(api.UpdateCUDAProviderOptionsWithValue(options, "user_compute_stream", stream));
  }
  settings.AppendExecutionProvider_CUDA_V2(*options);
}

void append_tensorrt(Ort::SessionOptions& settings, const ProviderSettings& chosen) {
  const OrtApi& api = Ort::GetApi();
  OrtTensorRTProviderOptionsV2* options = nullptr;
  Ort::ThrowOnError(api.CreateTensorRTProviderOptions(&options));
  const std::unique_ptr<OrtTensorRTProviderOptionsV2, decltype(api.ReleaseTensorRTProviderOptions)> owner(
      options, api.ReleaseTensorRTProviderOptions);
  const Pairs pairs(chosen);
  Ort::ThrowOnError(
      api.UpdateTensorRTProviderOptions(options, pairs.keys.data(), pairs.values.data(), pairs.keys.size()));
  settings.AppendExecutionProvider_TensorRT_V2(*options);
}

// The name that ONNX Runtime's general function takes.
const char* general_name(const std::string& provider) {
  if (provider == "coreml") {
    return "CoreML";
  }
  if (provider == "openvino") {
    return "OpenVINO";
  }
  if (provider == "qnn") {
    return "QNN";
  }
  if (provider == "directml") {
    return "DML";
  }
  return provider == "rocm" ? "ROCM" : "MIGraphX";
}

// Where accelerators keep what they compile. spec: application.md 7.1
std::string cache_folder(const std::string& provider) {
  if (provider != "tensorrt" && provider != "migraphx" && provider != "coreml") {
    return {};
  }
  const std::filesystem::path folder = std::filesystem::path(".caches") / runtime_version();
  std::error_code ignored;  // without it they compile anew
  std::filesystem::create_directories(folder, ignored);
  return std::filesystem::is_directory(folder, ignored) ? folder.string() : std::string();
}

}  // namespace

void append_provider(Ort::SessionOptions& settings, const std::string& provider, const ExecutionOptions& options,
                     const ProviderPlace& place) {
  if (provider == "cpu") {
    return;
  }
  environment();  // ONNX Runtime makes provider options only when it has started
  try {
    if (provider == "cuda") {
      ProviderSettings chosen = cuda_settings(options, place.device_id, place.graph, device::cuda_status().gpus);
      std::string& search = chosen.at("cudnn_conv_algo_search");
      if (place.kernels == Kernels::kDeterministic) {
        search = "DEFAULT";
      } else if (place.kernels != Kernels::kFastest && search == "EXHAUSTIVE") {
        search = "HEURISTIC";
      }
      append_cuda(settings, chosen, place.stream);
    } else if (provider == "tensorrt") {
      append_tensorrt(settings, accelerator_settings(provider, place.device_id, cache_folder(provider)));
    } else {
      const ProviderSettings chosen = accelerator_settings(provider, place.device_id, cache_folder(provider));
      settings.AppendExecutionProvider(general_name(provider), {chosen.begin(), chosen.end()});
    }
  } catch (const Ort::Exception& error) {
    core::fail(core::ErrorCode::kFailed, "{}", explain_provider_failure(provider, reason_of(error)));
  }
}

}  // namespace facegraph::runtime
