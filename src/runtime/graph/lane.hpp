// One thread's order of work on one GPU. ONNX Runtime keeps its graphs per calling thread, and a graph's buffers are
// shared state: so what is opened on a lane is run by the lane's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/gpu/stream.hpp"
#include "device/site.hpp"
#include "runtime/session/not_finite.hpp"

namespace facegraph::runtime {

// A number that no other thread of this process ever had (the system gives its own thread ids again).
std::uint64_t this_thread_number();

class Lane {
 public:
  // Binds the calling thread to the GPU and makes it the lane's owner.
  explicit Lane(device::Gpu& gpu);

  device::Gpu& gpu() const { return stream_.gpu(); }
  const device::Stream& stream() const { return stream_; }
  const device::Site& site() const { return site_; }
  std::uint64_t owner() const { return owner_; }  // this_thread_number() of the owner
  bool owned_by_this_thread() const { return owner_ == this_thread_number(); }
  // Notes if a value of a model's outputs, which lie on the GPU, is NaN or infinite; enqueues and returns.
  void watch(const std::string& model, std::span<const std::span<const float>> outputs);
  // What was noted since the last call, on its way to the host: it is there when the site was waited for.
  FiniteCheck fetch_finite();
  // Nothing of what was noted since then is told. Enqueues and returns.
  void forget_noted();

  // Throws Error(kFailed) on any other thread; `what` is the model's name.
  void check_thread(const std::string& what) const;

 private:
  std::uint64_t owner_;
  device::Stream stream_;
  device::Site site_;
  std::shared_ptr<const std::vector<std::string>> watched_;  // models; marks count from 1
  device::Values<int> mark_;                                 // of a model with such a value, or 0
};

}  // namespace facegraph::runtime
