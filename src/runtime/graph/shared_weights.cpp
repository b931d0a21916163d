#include "runtime/graph/shared_weights.hpp"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "runtime/precision/model_weights.hpp"

namespace facegraph::runtime {

namespace {

constexpr std::size_t kLeastBytes = 16384;  // of a weight; many smaller ones are shapes, which lie on the host

}  // namespace

// Names say little: many models have a "Conv_0.weight". Reading back costs what bringing there does, and no memory.
WeightMemory PlacedWeights::place(const Tensor& weight, std::string_view bytes, const device::Stream& stream) {
  device::Gpu& gpu = stream.gpu();
  const std::string key =
      fmt::format("{} {} {} {}", gpu.info().id, name_of(weight.type), describe(weight.shape), weight.name);
  std::vector<WeightMemory> others;
  {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = places_.equal_range(key);
    for (auto known = first; known != last;) {
      others.push_back(known->second.lock());
      known = others.back() ? std::next(known) : places_.erase(known);
    }
  }
  std::string found(bytes.size(), '\0');
  for (const WeightMemory& other : others) {
    if (other) {
      gpu.download(found.data(), other->data(), found.size(), stream.handle());
      stream.wait();
      if (found == bytes) {
        return other;
      }
    }
  }
  auto memory = std::make_shared<const device::Buffer>(gpu, bytes.size(), device::Place::kDevice);
  gpu.upload(memory->data(), bytes.data(), bytes.size(), stream.handle());
  stream.wait();
  const std::lock_guard lock(mutex_);
  places_.emplace(key, memory);
  return memory;
}

SharedWeights::SharedWeights(const std::filesystem::path& onnx, device::Gpu& gpu, PlacedWeights& placed) {
  const device::Stream stream(gpu);
  read_weights(onnx, kLeastBytes, [&](const Tensor& weight, std::string_view bytes) {
    Tensor& tensor = tensors_.emplace_back(weight);
    tensor.device = memory_.emplace_back(placed.place(weight, bytes, stream))->data();
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
    weights = std::make_shared<const SharedWeights>(onnx, gpu, placed_);
    place->weights = weights;
  }
  return weights;
}

}  // namespace facegraph::runtime
