#include "runtime/graph/shared_weights.hpp"

#include <string_view>
#include <utility>

#include "device/gpu/stream.hpp"
#include "runtime/precision/model_weights.hpp"

namespace facegraph::runtime {

namespace {

constexpr std::size_t kLeastBytes = 16384;  // of a weight; many smaller ones are shapes, which lie on the host

}  // namespace

SharedWeights::SharedWeights(const std::filesystem::path& onnx, device::Gpu& gpu) {
  const device::Stream stream(gpu);
  read_weights(onnx, kLeastBytes, [&](const Tensor& weight, std::string_view bytes) {
    Tensor& tensor = tensors_.emplace_back(weight);
    tensor.device = memory_.emplace_back(gpu, bytes.size(), device::Place::kDevice).data();
    gpu.upload(tensor.device, bytes.data(), bytes.size(), stream.handle());
    stream.wait();
    bytes_ += bytes.size();
  });
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
