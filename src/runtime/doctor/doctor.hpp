// What a machine has for running on GPUs, and what it lacks.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "device/gpu/gpu.hpp"

namespace facegraph::runtime {

// What was found, before it is judged; tests make their own.
struct Inventory {
  device::CudaStatus cuda;
  std::vector<device::MemoryInfo> memory;  // of the GPUs, in their order
  std::string kernel_driver;               // version of the NVIDIA kernel module, "580.159.04"; empty: none
  int cudnn_version = 0;                   // 90100 for 9.1.0; 0: not found
  std::string onnxruntime_version;
  std::vector<std::string> providers;
  std::string provider_failure;  // why the CUDA provider does not start; empty: it does, or it was not tried
};

// Of the NVIDIA kernel module; empty where there is none.
std::string kernel_driver_version();

Inventory take_inventory();

struct Diagnosis {
  std::vector<std::pair<std::string, std::string>> findings;  // what, value
  std::vector<std::string> problems;  // what is missing or too old and how to get it; empty: cuda can run
  std::vector<std::string> notes;     // what works less well than it could
};

Diagnosis diagnose(const Inventory& inventory);

}  // namespace facegraph::runtime
