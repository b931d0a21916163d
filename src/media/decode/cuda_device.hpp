// FFmpeg's view of a GPU of ours.
#pragma once

#include <memory>

#include "device/gpu/stream.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {

struct BufferUnref {
  void operator()(AVBufferRef* buffer) const { av_buffer_unref(&buffer); }
};
using BufferRef = std::unique_ptr<AVBufferRef, BufferUnref>;

// A device for decoders (AVHWDeviceContext) that works in the GPU's context and in the order of the stream, which
// outlives it. Throws Error(kFailed): built without CUDA, no driver.
BufferRef make_cuda_device(const device::Stream& stream);

}  // namespace facegraph::media
