// Providers into ONNX Runtime's session settings; included by this room's .cpp files only.
#pragma once

#include <onnxruntime_cxx_api.h>

#include "device/gpu/gpu.hpp"
#include "runtime/provider/execution_options.hpp"

namespace facegraph::runtime {

struct ProviderPlace {
  int device_id = 0;
  bool graph = false;                     // cuda: capture and replay
  Kernels kernels = Kernels::kFastest;    // cuda
  device::StreamHandle stream = nullptr;  // cuda: the lane's; none: a stream of ONNX Runtime's own
};

// Nothing for the CPU, which every session has. Throws Error(kFailed) with explain_provider_failure's line.
void append_provider(Ort::SessionOptions& settings, const std::string& provider, const ExecutionOptions& options,
                     const ProviderPlace& place);

}  // namespace facegraph::runtime
