// Execution providers by the reference's names. spec: application.md 7.1
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "device/gpu/gpu.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

// All names that the reference knows, in its order.
const std::vector<std::string>& provider_names();

// Those that the loaded ONNX Runtime holds, in that order.
std::vector<std::string> available_providers();
std::string runtime_version();

// The first available one that this machine can run: cuda needs a driver and a GPU.
std::string default_provider();

// Throws where a run with these options cannot start, before any work: Error(kUsage) for a provider that the loaded
// ONNX Runtime lacks, Error(kFailed) for a missing driver, GPU or library; each says what is missing and how to get it.
void check_providers(const ExecutionOptions& options);

using ProviderSettings = std::map<std::string, std::string>;

// gpus: all of the machine; cuDNN's search is left out where one of them is a GeForce GTX 1630, 1650 or 1660.
ProviderSettings cuda_settings(const ExecutionOptions& options, int device_id, bool graph,
                               std::span<const device::GpuInfo> gpus);

// The settings of the other accelerators; cache: a folder for what they keep, or empty.
ProviderSettings accelerator_settings(const std::string& provider, int device_id, const std::string& cache);

// One line for the user from ONNX Runtime's words about a provider that it cannot load.
std::string explain_provider_failure(const std::string& provider, const std::string& words);

}  // namespace facegraph::runtime
