#include "runtime/provider/providers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "runtime/provider/append_provider.hpp"
#include "runtime/session/ort.hpp"

namespace facegraph::runtime {

using core::ErrorCode;
using core::fail;

namespace {

// spec: application.md 7.1
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

// How to get a provider that the loaded library was built without.
const char* how_to_get(const std::string& provider) {
  return provider == "cuda" || provider == "tensorrt"
             ? "build with ONNX Runtime's GPU library (cmake -DFACEGRAPH_ORT_CUDA=ON)"
             : "give the build an ONNX Runtime that has it (ONNXRUNTIME_ROOT)";
}

// "libcudnn.so.9" in "... libcudnn.so.9: cannot open shared object file ...", or empty.
std::string missing_library(const std::string& words) {
  const std::size_t end = words.find(": cannot open shared object file");
  if (end == std::string::npos) {
    return {};
  }
  std::size_t start = end;
  while (start > 0 && std::isspace(static_cast<unsigned char>(words[start - 1])) == 0) {
    --start;
  }
  return words.substr(start, end - start);
}

}  // namespace

const std::vector<std::string>& provider_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& entry : kProviders) {
      list.emplace_back(entry.first);
    }
    return list;
  }();
  return names;
}

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

std::string default_provider() {
  for (const std::string& name : available_providers()) {
    const bool nvidia = name == "cuda" || name == "tensorrt";
    if (!nvidia || device::cuda_status().problem.empty()) {
      return name;
    }
  }
  return "cpu";
}

void check_providers(const ExecutionOptions& options) {
  const std::vector<std::string> present = available_providers();
  for (const std::string& provider : options.providers) {
    if (std::find(present.begin(), present.end(), provider) == present.end()) {
      fail(ErrorCode::kUsage, "execution provider {} is not in this ONNX Runtime ({}), which has {}: {}", provider,
           runtime_version(), fmt::join(present, ", "), how_to_get(provider));
    }
  }
  if (options.on_cuda()) {
    for (const int id : options.device_ids) {
      device::cuda_gpu(id);
    }
  }
  for (const std::string& provider : options.providers) {
    for (const int id : options.device_ids) {
      Ort::SessionOptions trial;
      append_provider(trial, provider, options, {.device_id = id});
    }
  }
}

ProviderSettings cuda_settings(const ExecutionOptions& options, int device_id, bool graph,
                               std::span<const device::GpuInfo> gpus) {
  const bool slow_search = std::any_of(gpus.begin(), gpus.end(), [](const device::GpuInfo& gpu) {
    const std::string name = gpu.name.starts_with("NVIDIA ") ? gpu.name.substr(7) : gpu.name;
    return name.starts_with("GeForce GTX 1630") || name.starts_with("GeForce GTX 1650") ||
           name.starts_with("GeForce GTX 1660");
  });
  return {
      {"device_id", std::to_string(device_id)},
      {"cudnn_conv_algo_search", slow_search ? "DEFAULT" : "EXHAUSTIVE"},
      {"use_tf32", options.precision == Precision::kFp32 ? "0" : "1"},
      {"prefer_nhwc", options.nhwc ? "1" : "0"},
      {"fuse_conv_bias", options.fuse_bias ? "1" : "0"},
      {"enable_cuda_graph", graph ? "1" : "0"},
  };
}

ProviderSettings accelerator_settings(const std::string& provider, int device_id, const std::string& cache) {
  ProviderSettings settings;
  if (provider == "openvino") {
    settings["device_type"] = device_id == 0 ? std::string("GPU") : fmt::format("GPU.{}", device_id);
    settings["precision"] = "FP32";
  } else if (provider == "coreml") {
    settings["SpecializationStrategy"] = "FastPrediction";
  } else {
    settings["device_id"] = std::to_string(device_id);
  }
  if (provider == "qnn") {
    settings["backend_type"] = "htp";
  }
  if (cache.empty()) {
    return settings;
  }
  if (provider == "tensorrt") {
    settings.insert({{"trt_engine_cache_enable", "1"},
                     {"trt_engine_cache_path", cache},
                     {"trt_timing_cache_enable", "1"},
                     {"trt_timing_cache_path", cache},
                     {"trt_builder_optimization_level", "4"}});
  } else if (provider == "migraphx") {
    settings["migraphx_model_cache_dir"] = cache;
  } else if (provider == "coreml") {
    settings["ModelCacheDirectory"] = cache;
  }
  return settings;
}

std::string explain_provider_failure(const std::string& provider, const std::string& words) {
  const std::string library = missing_library(words);
  if (library.empty()) {
    return fmt::format("execution provider {} cannot start: {}", provider, words);
  }
  std::string remedy = "install the package that holds it, or add its folder to LD_LIBRARY_PATH";
  if (library.starts_with("libcudnn")) {
    remedy = fmt::format("install cuDNN {} for your CUDA, or add its folder to LD_LIBRARY_PATH",
                         library.substr(library.rfind('.') + 1));
  } else if (library.starts_with("libcu") || library.starts_with("libnv")) {
    remedy = fmt::format("install the CUDA {} libraries, or add their folder to LD_LIBRARY_PATH",
                         library.substr(library.rfind('.') + 1));
  } else if (library.starts_with("libonnxruntime_providers")) {
    remedy = "put it beside libonnxruntime.so.1";
  }
  return fmt::format("execution provider {} cannot start: {} is missing or of another version: {}", provider, library,
                     remedy);
}

}  // namespace facegraph::runtime
