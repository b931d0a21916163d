// A model's weights on a GPU, for all its sessions there: lanes, batches and shapes then cost their activations only,
// those of a file that was rewritten for several items too. ONNX Runtime takes a tensor that it is given under a
// weight's name in that weight's place where it lies on the device that the weight was planned for.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "device/buffer.hpp"
#include "device/gpu/stream.hpp"
#include "runtime/session/session.hpp"

namespace facegraph::runtime {

using WeightMemory = std::shared_ptr<const device::Buffer>;

// Weights that somebody holds, whatever file they are of. Thread safe.
class PlacedWeights {
 public:
  // Where a weight of that name, type, shape and bytes lies on the stream's GPU: brought there if it does not. Waits
  // for the GPU. Throws Error(kOutOfMemory).
  WeightMemory place(const Tensor& weight, std::string_view bytes, const device::Stream& stream);

 private:
  std::mutex mutex_;  // guards the map
  std::multimap<std::string, std::weak_ptr<const device::Buffer>> places_;
};

// Immutable; to outlive the sessions that were given it.
class SharedWeights {
 public:
  // The weights of an ONNX file that are worth sharing: fp32 and fp16 of some size. Waits for the GPU, to which the
  // thread is bound. Throws as read_weights(); Error(kOutOfMemory).
  SharedWeights(const std::filesystem::path& onnx, device::Gpu& gpu, PlacedWeights& placed);

  // Tensor::device is where each lies.
  const std::vector<Tensor>& tensors() const { return tensors_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<WeightMemory> memory_;
  std::vector<Tensor> tensors_;
  std::size_t bytes_ = 0;
};

// Those that somebody holds. Thread safe; who asks for weights that another thread is just bringing waits for them.
class WeightLibrary {
 public:
  // Throws as SharedWeights.
  std::shared_ptr<const SharedWeights> of(const std::filesystem::path& onnx, device::Gpu& gpu);

 private:
  struct Place {
    std::mutex bringing;
    std::weak_ptr<const SharedWeights> weights;
  };
  PlacedWeights placed_;
  std::mutex mutex_;  // guards the map
  std::map<std::tuple<std::string, const device::Gpu*>, std::shared_ptr<Place>> places_;
};

}  // namespace facegraph::runtime
