#include "media/decode/hardware_frames.hpp"

extern "C" {
#include <libavutil/hwcontext.h>
}

#include "core/base/error.hpp"
#include "media/decode/cuda_device.hpp"
#include "media/filter/scaler.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {
namespace {

FramePtr reference_to(const AVFrame& frame) {
  FramePtr copy(av_frame_clone(&frame));
  if (!copy) {
    core::fail(core::ErrorCode::kOutOfMemory, "media: no memory for a frame");
  }
  return copy;
}

// The same samples in another arrangement of planes.
FramePtr rearranged(const AVFrame& frame, AVPixelFormat format) {
  const FramePtr untagged = reference_to(frame);  // swscale would bring a full range to the limited one
  untagged->color_range = AVCOL_RANGE_UNSPECIFIED;
  untagged->format = frame.format == AV_PIX_FMT_YUVJ420P ? AV_PIX_FMT_YUV420P : frame.format;
  FramePtr out = Scaler({format, {frame.width, frame.height}, AVCOL_SPC_UNSPECIFIED}).scale(*untagged);
  check(av_frame_copy_props(out.get(), &frame), "media: facts of a frame");
  return out;
}

bool works_with_cuda(const AVCodec& codec) {
  for (int i = 0; const AVCodecHWConfig* config = avcodec_get_hw_config(&codec, i); ++i) {
    if (config->device_type == AV_HWDEVICE_TYPE_CUDA &&
        (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0) {
      return true;
    }
  }
  return false;
}

// FFmpeg's own decoder, which parses on the CPU as without a GPU: not cuvid's, whose times and numbers are its own.
const AVCodec& find_decoder(AVCodecID id) {
  void* position = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&position)) {
    if (codec->id == id && av_codec_is_decoder(codec) != 0 && (codec->capabilities & AV_CODEC_CAP_HARDWARE) == 0 &&
        works_with_cuda(*codec)) {
      return *codec;
    }
  }
  core::fail(core::ErrorCode::kFailed, "the linked FFmpeg has no decoder for {} that uses NVDEC", avcodec_get_name(id));
}

AVPixelFormat choose_format(AVCodecContext* context, const AVPixelFormat* formats) {
  for (const AVPixelFormat* format = formats; *format != AV_PIX_FMT_NONE; ++format) {
    if (*format == AV_PIX_FMT_CUDA) {
      return *format;
    }
  }
  return avcodec_default_get_format(context, formats);
}

class CudaFrames final : public HardwareFrames {
 public:
  explicit CudaFrames(const device::Stream& stream) : device_(make_cuda_device(stream)) {}

  CodecPtr open_decoder(const AVStream& stream, const std::string& name) override {
    return media::open_decoder(stream, find_decoder(stream.codecpar->codec_id), name, [this](AVCodecContext& context) {
      context.hw_device_ctx = av_buffer_ref(device_.get());
      context.get_format = choose_format;
      context.thread_count = 1;  // more would only hold more of NVDEC's surfaces
    });
  }
  bool holds(const AVFrame& frame) const override { return frame.format == AV_PIX_FMT_CUDA; }
  FramePtr planes(const AVFrame& frame) override {
    FramePtr planes = reference_to(frame);
    planes->format = layout_of(frame);
    return planes;
  }
  FramePtr to_host(const AVFrame& frame) override {
    const FramePtr copy = make_frame();
    check(av_hwframe_transfer_data(copy.get(), &frame, 0), "media: a frame from the GPU");
    check(av_frame_copy_props(copy.get(), &frame), "media: facts of a frame");
    check(av_frame_apply_cropping(copy.get(), AV_FRAME_CROP_UNALIGNED), "media: a frame's border");
    return rearranged(*copy, layout_of(frame) == AV_PIX_FMT_NV12 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV420P10LE);
  }

 private:
  static AVPixelFormat layout_of(const AVFrame& frame) {
    return reinterpret_cast<const AVHWFramesContext*>(frame.hw_frames_ctx->data)->sw_format;
  }

  BufferRef device_;
};

class HostFrames final : public HardwareFrames {
 public:
  CodecPtr open_decoder(const AVStream& stream, const std::string& name) override {
    return media::open_decoder(stream, 1, name);
  }
  bool holds(const AVFrame&) const override { return true; }
  FramePtr planes(const AVFrame& frame) override {
    return rearranged(frame, frame.format == AV_PIX_FMT_YUV420P10LE ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12);
  }
  FramePtr to_host(const AVFrame& frame) override { return reference_to(frame); }
};

}  // namespace

std::unique_ptr<HardwareFrames> open_hardware_frames(const device::Stream& stream) {
  if (stream.gpu().on_host()) {
    return std::make_unique<HostFrames>();
  }
  return std::make_unique<CudaFrames>(stream);
}

}  // namespace facegraph::media
