#include "device/buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/base/error.hpp"

namespace facegraph::device {

namespace {
constexpr std::size_t kAlignment = 64;
}

Buffer::Buffer(std::size_t bytes, Place place) : bytes_(bytes), place_(place) {
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  memory_.reset(std::aligned_alloc(kAlignment, rounded));
  if (!memory_) {
    core::fail(core::ErrorCode::kOutOfMemory, "no memory for a buffer of {} bytes", bytes);
  }
  std::memset(memory_.get(), 0, rounded);
}

void Buffer::Free::operator()(void* pointer) const {
  std::free(pointer);
}

}  // namespace facegraph::device
