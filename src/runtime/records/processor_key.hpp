// What ONNX Runtime's optimised models depend on where they run on the CPU.
#pragma once

#include <string>

namespace facegraph::runtime {

// Model name and instruction sets of the processor, "Intel(R) Xeon(R) Processor 0f3c51aa90b1d2e3".
std::string processor_key();

}  // namespace facegraph::runtime
