// Memory with an address that never changes: what sessions are bound to. A build without CUDA has host memory only;
// device memory is the same type with another place.
#pragma once

#include <cstddef>
#include <memory>

namespace facegraph::device {

enum class Place { kHost };

class Buffer {
 public:
  Buffer() = default;
  // Zeroed, 64-byte aligned. Throws Error(kOutOfMemory).
  explicit Buffer(std::size_t bytes, Place place = Place::kHost);

  void* data() const { return memory_.get(); }
  std::size_t bytes() const { return bytes_; }
  Place place() const { return place_; }

 private:
  struct Free {
    void operator()(void* pointer) const;
  };
  std::unique_ptr<void, Free> memory_;
  std::size_t bytes_ = 0;
  Place place_ = Place::kHost;
};

}  // namespace facegraph::device
