// What a record of a GPU was made with.
#pragma once

#include <nlohmann/json.hpp>

#include "device/gpu/gpu.hpp"
#include "runtime/provider/providers.hpp"

namespace facegraph::bench {

inline nlohmann::json gpu_versions() {
  const device::CudaStatus& status = device::cuda_status();
  nlohmann::json gpus = nlohmann::json::array();
  for (const auto& gpu : status.gpus) {
    gpus.push_back(gpu.name);
  }
  return {{"onnxruntime", runtime::runtime_version()},
          {"cuda_driver", status.driver_version},
          {"cuda_runtime", status.runtime_version},
          {"gpus", gpus}};
}

}  // namespace facegraph::bench
