// ONNX Runtime behind our names; included by this room's .cpp files only.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <onnxruntime_cxx_api.h>

#include "runtime/session/session_state.hpp"

namespace facegraph::runtime {

Ort::Env& environment();

// threads: of one operator. Idle ones sleep: the cores are left to the other stages.
// optimised: the model was written by a session with save_optimised(), nothing is left to optimise.
Ort::SessionOptions session_settings(int threads, bool optimised);

// A session made with these settings writes its model as optimised to `onnx`, weights to a file beside it.
void save_optimised(Ort::SessionOptions& settings, const std::filesystem::path& onnx);

// What ONNX Runtime says, in one line: its texts may have several.
std::string reason_of(const Ort::Exception& error);

// Throws Error(kFailed) for types that no model of ours uses.
ElementType element_type(ONNXTensorElementDataType type, const std::string& what);
ONNXTensorElementDataType onnx_type(ElementType type);

std::vector<Declared> declared_inputs(const Ort::Session& session, const std::string& model);
std::vector<Declared> declared_outputs(const Ort::Session& session, const std::string& model);

// A view of the tensor's host or device half.
Ort::Value view_of(const Ort::MemoryInfo& memory, const Tensor& tensor, void* data);

// A session made with these settings takes the weights in place of its own of the same names. views: filled; they live
// as long as the session.
void use_weights(Ort::SessionOptions& settings, const Ort::MemoryInfo& memory, std::span<const Tensor> weights,
                 std::vector<Ort::Value>& views);

// The shapes of a model's outputs for the inputs that are bound, found by one run; no output stays bound.
std::vector<Shape> measure_outputs(Ort::Session& session, Ort::IoBinding& binding, const std::vector<Declared>& outputs,
                                   const Ort::MemoryInfo& memory, const Ort::RunOptions& options);

}  // namespace facegraph::runtime
