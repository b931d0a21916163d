// The one place where FFmpeg's headers meet CUDA's.
#include "media/decode/cuda_device.hpp"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_cuda.h>
}

#include "core/base/error.hpp"

namespace facegraph::media {

BufferRef make_cuda_device(const device::Stream& stream) {
  BufferRef device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
  if (!device) {
    core::fail(core::ErrorCode::kFailed, "the linked FFmpeg has no CUDA");
  }
  auto* context = reinterpret_cast<AVHWDeviceContext*>(device->data);
  auto* cuda = static_cast<AVCUDADeviceContext*>(context->hwctx);
  cuda->cuda_ctx = static_cast<CUcontext>(stream.gpu().context());
  cuda->stream = static_cast<CUstream>(stream.handle());
  check(av_hwdevice_ctx_init(device.get()), "FFmpeg cannot use the CUDA driver");
  return device;
}

}  // namespace facegraph::media
