// Memory with an address that never changes: what sessions are bound to. On the host, pinned (the host's, and a GPU can
// copy from and to it while the host goes on), or on a GPU.
#pragma once

#include <cstddef>
#include <memory>

#include "device/gpu/gpu.hpp"

namespace facegraph::device {

enum class Place { kHost, kPinned, kDevice };

class Buffer {
 public:
  Buffer() = default;
  // On the host. Zeroed, 64-byte aligned. Throws Error(kOutOfMemory).
  explicit Buffer(std::size_t bytes);
  // Pinned or on the GPU; pinned memory is zeroed, device memory is not. Throws Error(kOutOfMemory).
  Buffer(Gpu& gpu, std::size_t bytes, Place place);

  void* data() const { return memory_.get(); }
  std::size_t bytes() const { return bytes_; }
  Place place() const { return memory_.get_deleter().place; }

 private:
  struct Free {
    Free() : Free(nullptr, Place::kHost) {}
    Free(Gpu* gpu_, Place place_) : gpu(gpu_), place(place_) {}
    Gpu* gpu;
    Place place;
    void operator()(void* pointer) const;
  };
  std::unique_ptr<void, Free> memory_;
  std::size_t bytes_ = 0;
};

}  // namespace facegraph::device
