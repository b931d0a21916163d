// Reading and writing ONNX files as protobuf. Internal to precision.
#pragma once

#include <filesystem>
#include <string>

#include <onnx/onnx_pb.h>

namespace facegraph::runtime {

// Throws Error(kFailed) for what is no ONNX model below 2 GB, which protobuf cannot read.
onnx::ModelProto read_model(const std::filesystem::path& path);

// Throws Error(kFailed) for a model with functions, sparse weights or weights in other files.
void check_self_contained(const onnx::ModelProto& model);

// Throws Error(kFailed) where it cannot be written.
void write_model(const onnx::ModelProto& model, const std::filesystem::path& path);

// Whether the file's bytes hold a node of that operator; cheaper than reading it. True may be an accident.
bool holds_operator(const std::filesystem::path& path, const std::string& name);

}  // namespace facegraph::runtime
