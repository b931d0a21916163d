// Stands for cuda/ where the build has no CUDA part (cmake/rooms.cmake takes one or the other).
#include "core/base/error.hpp"
#include "device/gpu/gpu.hpp"

namespace facegraph::device {

const CudaStatus& cuda_status() {
  static const CudaStatus status = [] {
    CudaStatus without;
    without.problem =
        "this build has no CUDA part: build with the CUDA toolkit installed (FACEGRAPH_CUDA=ON), or take "
        "--execution-providers cpu";
    return without;
  }();
  return status;
}

Gpu& cuda_gpu(int) {
  core::fail(core::ErrorCode::kFailed, "CUDA cannot run: {}", cuda_status().problem);
}

}  // namespace facegraph::device
