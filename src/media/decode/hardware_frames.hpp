// Decoders whose frames lie on a GPU.
#pragma once

#include <memory>
#include <string>

#include "device/gpu/stream.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {

class HardwareFrames {
 public:
  virtual ~HardwareFrames() = default;

  // Throws Error(kFailed): FFmpeg has none for the codec.
  virtual CodecPtr open_decoder(const AVStream& stream, const std::string& name) = 0;
  // Whether the frame is the GPU's: decoders fall back to the CPU by themselves, at their first frame.
  virtual bool holds(const AVFrame& frame) const = 0;
  // Such a frame as NV12 or P010, its planes in the GPU's memory. They may be used by what is enqueued on the stream
  // before the result is destroyed.
  virtual FramePtr planes(const AVFrame& frame) = 0;
  // Such a frame as the CPU's decoder gives it.
  virtual FramePtr to_host(const AVFrame& frame) = 0;
};

// NVDEC, in the GPU's own context; on a GPU made of host memory the CPU stands for it. The stream outlives the result.
// Throws Error(kFailed): this build or this machine has no NVDEC.
std::unique_ptr<HardwareFrames> open_hardware_frames(const device::Stream& stream);

}  // namespace facegraph::media
