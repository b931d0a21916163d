#include "runtime/doctor/doctor.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <dlfcn.h>
#include <fmt/ranges.h>

#include "core/base/error.hpp"
#include "runtime/graph/cuda_unit.hpp"
#include "runtime/provider/providers.hpp"

namespace facegraph::runtime {

namespace {

constexpr int kCudnnMajor = 9;      // what ONNX Runtime's CUDA provider is linked to
constexpr int kOldestCompute = 75;  // CUDA 13 has dropped older ones

int cudnn_version() {
  void* library = dlopen(fmt::format("libcudnn.so.{}", kCudnnMajor).c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    return 0;
  }
  using GetVersion = std::size_t (*)();
  const auto get_version = reinterpret_cast<GetVersion>(dlsym(library, "cudnnGetVersion"));
  const int version = get_version == nullptr ? 0 : static_cast<int>(get_version());
  dlclose(library);
  return version;
}

std::string cuda_version(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::string gibibytes(std::size_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0));
}

void describe_gpus(const Inventory& inventory, Diagnosis& diagnosis) {
  for (std::size_t i = 0; i < inventory.cuda.gpus.size(); ++i) {
    const device::GpuInfo& gpu = inventory.cuda.gpus[i];
    std::string text = fmt::format("{}, compute capability {}.{}, {}", gpu.name, gpu.compute_major, gpu.compute_minor,
                                   gibibytes(gpu.total_bytes));
    if (i < inventory.memory.size()) {
      text += fmt::format(" ({} free)", gibibytes(inventory.memory[i].free));
    }
    diagnosis.findings.emplace_back(fmt::format("GPU {}", gpu.id), text);
    if (gpu.compute_major * 10 + gpu.compute_minor < kOldestCompute) {
      diagnosis.problems.push_back(
          fmt::format("GPU {} ({}) has compute capability {}.{}, CUDA 13 needs 7.5 or newer: "
                      "choose another with --execution-device-ids",
                      gpu.id, gpu.name, gpu.compute_major, gpu.compute_minor));
    }
  }
}

}  // namespace

// The kernel module tells its version in a file: "NVRM version: NVIDIA ... Kernel Module ... 580.159.04 ...".
std::string kernel_driver_version() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  std::getline(file, line);
  std::stringstream words(line);
  for (std::string word; words >> word;) {
    if (std::count(word.begin(), word.end(), '.') >= 1 && word.find_first_not_of("0123456789.") == std::string::npos) {
      return word;
    }
  }
  return {};
}

Inventory take_inventory() {
  Inventory found;
  found.cuda = device::cuda_status();
  found.kernel_driver = kernel_driver_version();
  found.cudnn_version = cudnn_version();
  found.onnxruntime_version = runtime_version();
  found.providers = available_providers();
  for (const device::GpuInfo& gpu : found.cuda.gpus) {
    found.memory.push_back(device::cuda_gpu(gpu.id).memory());
  }
  const bool has_provider = std::find(found.providers.begin(), found.providers.end(), "cuda") != found.providers.end();
  if (has_provider && found.cuda.problem.empty()) {
    try {
      check_providers({.providers = {"cuda"}});
    } catch (const core::Error& error) {
      found.provider_failure = error.what();
    }
  }
  return found;
}

Diagnosis diagnose(const Inventory& inventory) {
  Diagnosis diagnosis;
  const device::CudaStatus& cuda = inventory.cuda;
  const auto add = [&](const char* what, const std::string& value) { diagnosis.findings.emplace_back(what, value); };
  add("NVIDIA driver", inventory.kernel_driver.empty() ? "none" : inventory.kernel_driver);
  add("CUDA of the driver", cuda.driver_version == 0 ? "none" : cuda_version(cuda.driver_version));
  add("CUDA of this build", cuda.built ? cuda_version(cuda.runtime_version) : "built without");
  add("cuDNN", inventory.cudnn_version == 0
                   ? "none"
                   : fmt::format("{}.{}.{}", inventory.cudnn_version / 10000, inventory.cudnn_version / 100 % 100,
                                 inventory.cudnn_version % 100));
  add("ONNX Runtime", inventory.onnxruntime_version);
  add("Providers", fmt::format("{}", fmt::join(inventory.providers, ", ")));
  if (!cuda.problem.empty()) {
    diagnosis.problems.push_back(cuda.problem);
  }
  describe_gpus(inventory, diagnosis);
  if (inventory.cudnn_version == 0) {
    diagnosis.problems.push_back(
        fmt::format("cuDNN {0} is missing: install cuDNN {0} for your CUDA, or add the folder of libcudnn.so.{0} to "
                    "LD_LIBRARY_PATH",
                    kCudnnMajor));
  }
  if (std::find(inventory.providers.begin(), inventory.providers.end(), "cuda") == inventory.providers.end()) {
    diagnosis.problems.push_back(
        fmt::format("ONNX Runtime {} has no CUDA provider: build with its GPU library (cmake -DFACEGRAPH_ORT_CUDA=ON)",
                    inventory.onnxruntime_version));
  }
  if (!inventory.provider_failure.empty()) {
    diagnosis.problems.push_back(inventory.provider_failure);
  }
  if (!replays_safely(inventory.onnxruntime_version)) {
    diagnosis.notes.push_back(fmt::format("ONNX Runtime {} is older than 1.31: models run without CUDA graphs",
                                          inventory.onnxruntime_version));
  }
  return diagnosis;
}

}  // namespace facegraph::runtime
