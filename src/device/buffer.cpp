#include "device/buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/base/error.hpp"
#include "device/gpu/capture_gate.hpp"

namespace facegraph::device {

namespace {

constexpr std::size_t kAlignment = 64;

void* allocate(Gpu& gpu, std::size_t bytes, Place place) {
  const AllocationScope scope;
  const std::size_t wanted = std::max<std::size_t>(bytes, 1);  // an address even for no bytes
  ++gpu.counters.allocations;
  return place == Place::kDevice ? gpu.allocate_device(wanted) : gpu.allocate_pinned(wanted);
}

}  // namespace

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  memory_.reset(std::aligned_alloc(kAlignment, rounded));
  if (!memory_) {
    core::fail(core::ErrorCode::kOutOfMemory, "no memory for a buffer of {} bytes", bytes);
  }
  std::memset(memory_.get(), 0, rounded);
}

Buffer::Buffer(Gpu& gpu, std::size_t bytes, Place place)
    : memory_(allocate(gpu, bytes, place), Free(&gpu, place)), bytes_(bytes) {
  if (place == Place::kPinned) {
    std::memset(memory_.get(), 0, bytes);
  }
}

void Buffer::Free::operator()(void* pointer) const {
  if (place == Place::kHost) {
    std::free(pointer);
    return;
  }
  const AllocationScope scope;
  place == Place::kDevice ? gpu->free_device(pointer) : gpu->free_pinned(pointer);
}

}  // namespace facegraph::device
