// Shapes of all tensors within a graph. Internal to batch.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>

#include <onnx/onnx_pb.h>

#include "runtime/session/session.hpp"

namespace facegraph::runtime {

using TensorShapes = std::unordered_map<std::string, Shape>;

// By name, for inputs of these shapes, which the graph declares from then on; all else of the model stays. ONNX Runtime
// says them: it follows shapes through every operator, and runs what cannot be followed, on zeros. scratch: a file that
// is written meanwhile and stays. Throws Error(kFailed) with ONNX Runtime's reason.
TensorShapes tensor_shapes(onnx::ModelProto& model, std::span<const InputSpec> inputs,
                           const std::filesystem::path& scratch);

}  // namespace facegraph::runtime
