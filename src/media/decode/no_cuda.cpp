// Stands for cuda/ where the build has no CUDA part (cmake/rooms.cmake takes one or the other).
#include "core/base/error.hpp"
#include "media/decode/cuda_device.hpp"

namespace facegraph::media {

BufferRef make_cuda_device(const device::Stream&) {
  core::fail(core::ErrorCode::kFailed, "this build has no CUDA part");
}

}  // namespace facegraph::media
