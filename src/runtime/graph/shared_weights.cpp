#include "runtime/graph/shared_weights.hpp"

#include <cstring>
#include <fstream>
#include <optional>

#include <onnx/onnx_pb.h>

#include "core/base/error.hpp"
#include "device/gpu/stream.hpp"
#include "runtime/precision/model_file.hpp"

namespace facegraph::runtime {

namespace {

constexpr std::size_t kLeastBytes = 16384;  // of a weight; many smaller ones are shapes, which lie on the host

std::optional<ElementType> shared_type(const onnx::TensorProto& weight) {
  switch (weight.data_type()) {
    case onnx::TensorProto::FLOAT:
      return ElementType::kF32;
    case onnx::TensorProto::FLOAT16:
      return ElementType::kF16;
    default:
      return std::nullopt;
  }
}

// From the file beside the model that the weight names.
std::string external_bytes(const onnx::TensorProto& weight, const std::filesystem::path& onnx) {
  std::filesystem::path location;
  std::streamoff offset = 0;
  std::size_t length = 0;
  for (const onnx::StringStringEntryProto& entry : weight.external_data()) {
    if (entry.key() == "location") {
      location = onnx.parent_path() / entry.value();
    } else if (entry.key() == "offset") {
      offset = std::stoll(entry.value());
    } else if (entry.key() == "length") {
      length = std::stoull(entry.value());
    }
  }
  std::string bytes(length, '\0');
  std::ifstream file(location, std::ios::binary);
  file.seekg(offset);
  file.read(bytes.data(), static_cast<std::streamsize>(length));
  return file ? bytes : std::string();
}

// Little endian, as the GPU holds them; empty where they lie in a form that hardly any file has.
std::string bytes_of(const onnx::TensorProto& weight, const std::filesystem::path& onnx) {
  if (weight.data_location() == onnx::TensorProto::EXTERNAL) {
    return external_bytes(weight, onnx);
  }
  if (weight.data_type() == onnx::TensorProto::FLOAT && weight.float_data_size() > 0) {
    return {reinterpret_cast<const char*>(weight.float_data().data()), weight.float_data_size() * sizeof(float)};
  }
  return weight.raw_data();
}

}  // namespace

SharedWeights::SharedWeights(const std::filesystem::path& onnx, device::Gpu& gpu) {
  const onnx::ModelProto model = read_model(onnx);
  const device::Stream stream(gpu);
  for (const onnx::TensorProto& weight : model.graph().initializer()) {
    const std::optional<ElementType> type = shared_type(weight);
    if (!type) {
      continue;
    }
    Tensor tensor{.name = weight.name(), .type = *type, .shape = {weight.dims().begin(), weight.dims().end()}};
    if (tensor.bytes() < kLeastBytes) {
      continue;
    }
    const std::string bytes = bytes_of(weight, onnx);
    if (bytes.size() != tensor.bytes()) {
      continue;
    }
    tensor.device = memory_.emplace_back(gpu, tensor.bytes(), device::Place::kDevice).data();
    gpu.upload(tensor.device, bytes.data(), bytes.size(), stream.handle());
    stream.wait();
    bytes_ += tensor.bytes();
    tensors_.push_back(std::move(tensor));
  }
}

std::shared_ptr<const SharedWeights> WeightLibrary::of(const std::filesystem::path& onnx, device::Gpu& gpu) {
  std::shared_ptr<Place> place;
  {
    const std::lock_guard lock(mutex_);
    auto& known = places_[{onnx.string(), &gpu}];
    if (known == nullptr) {
      known = std::make_shared<Place>();
    }
    place = known;
  }
  const std::lock_guard lock(place->bringing);
  std::shared_ptr<const SharedWeights> weights = place->weights.lock();
  if (weights == nullptr) {
    weights = std::make_shared<const SharedWeights>(onnx, gpu);
    place->weights = weights;
  }
  return weights;
}

}  // namespace facegraph::runtime
