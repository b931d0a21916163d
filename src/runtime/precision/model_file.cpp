#include "runtime/precision/model_file.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include "core/base/error.hpp"

namespace facegraph::runtime {

namespace {

constexpr std::uintmax_t kProtobufLimit = std::uintmax_t{1} << 31U;
constexpr std::size_t kBlock = std::size_t{1} << 20U;
constexpr char kOperatorType = 4 << 3 | 2;  // onnx.proto: NodeProto.op_type is field 4, a string

}  // namespace

onnx::ModelProto read_model(const std::filesystem::path& path) {
  onnx::ModelProto model;
  std::ifstream file(path, std::ios::binary);
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(path, missing);
  if (missing || size >= kProtobufLimit || !model.ParseFromIstream(&file)) {
    core::fail(core::ErrorCode::kFailed, "it is no ONNX model below 2 GB");
  }
  return model;
}

void check_self_contained(const onnx::ModelProto& model) {
  if (model.functions_size() > 0 || model.graph().sparse_initializer_size() > 0) {
    core::fail(core::ErrorCode::kFailed, "it has functions or sparse weights");
  }
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
      core::fail(core::ErrorCode::kFailed, "its weights lie in other files");
    }
  }
}

void write_model(const onnx::ModelProto& model, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!model.SerializeToOstream(&file) || !file.flush()) {
    core::fail(core::ErrorCode::kFailed, "{} cannot be written", path.string());
  }
}

bool holds_operator(const std::filesystem::path& path, const std::string& name) {
  const std::string wanted = std::string{kOperatorType, static_cast<char>(name.size())} + name;
  std::ifstream file(path, std::ios::binary);
  std::string window;
  std::vector<char> block(kBlock);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    window.append(block.data(), static_cast<std::size_t>(file.gcount()));
    if (window.find(wanted) != std::string::npos) {
      return true;
    }
    window.erase(0, window.size() - std::min(window.size(), wanted.size()));
  }
  return false;
}

}  // namespace facegraph::runtime
