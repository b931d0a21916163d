// Decoding on a GPU, its frames to BGR pictures there. The pixels are those of FrameConverter:
// ops/colour/yuv_to_bgr.hpp.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "device/gpu/stream.hpp"
#include "device/shared_picture.hpp"
#include "media/decode/hardware_frames.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {

// Any thread that the GPU is bound to; each decoder is one thread's at a time.
class GpuDecoding {
 public:
  // pictures: made now. Throws Error that says why the CPU has to decode the stream: codec, pixel format, colours,
  // rotation, size, no NVDEC, no memory.
  GpuDecoding(device::Gpu& gpu, const AVStream& stream, int pictures);

  CodecPtr open_decoder(const std::string& name) { return frames_->open_decoder(av_stream_, name); }
  // False: the decoder has given the GPU up.
  bool holds(const AVFrame& frame) const { return frames_->holds(frame); }

  // Pictures for frames that wait, made now. Throws Error(kOutOfMemory); those that were made stay.
  void reserve(int pictures) { pool_.reserve(pictures); }

  // Upright BGR of the stream's size; empty for a frame that is unlike the stream, which to_host() gives as the CPU's
  // decoder would.
  device::SharedPicture convert(const AVFrame& frame);
  FramePtr to_host(const AVFrame& frame) { return frames_->to_host(frame); }

 private:
  const AVStream& av_stream_;
  device::Stream stream_;
  std::unique_ptr<HardwareFrames> frames_;
  std::mutex mutex_;  // guards the pool; what is enqueued for one picture stays together
  device::PicturePool pool_;
};

}  // namespace facegraph::media
