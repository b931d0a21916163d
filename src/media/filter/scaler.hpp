// swscale with FFmpeg's own settings: what the `scale` filter of the ffmpeg command line does to a frame (bicubic,
// colour matrix and range of the input as tagged, BT.601 limited when not).
#pragma once

#include "core/types/image.hpp"
#include "media/ffmpeg.hpp"

namespace facegraph::media {

// Keeps one context and rebuilds it when the input's format or size changes. Not thread safe.
class Scaler {
 public:
  struct Output {
    AVPixelFormat format = AV_PIX_FMT_NONE;
    core::Size size;
    AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;  // of a YUV output; unspecified: the input's
    bool rounded = false;  // frames of the same size are rounded too: swscale cuts fractions off when BGR24 becomes YUV
  };

  explicit Scaler(Output output, int threads = 1) : output_(output), threads_(threads) {}

  // out has the output's format and size and its own buffer.
  void scale(AVFrame& out, const AVFrame& in);
  FramePtr scale(const AVFrame& in);
  const Output& output() const { return output_; }

 private:
  bool convert(AVFrame& out, const AVFrame& in) const;
  void prepare(const AVFrame& in);
  void set_colours(const AVFrame& in);

  Output output_;
  int threads_;
  ScaleContextPtr context_;
  int in_format_ = AV_PIX_FMT_NONE;
  core::Size in_size_;
};

// False for pictures that FFmpeg refuses: about 2^28 pixels (16000 x 16000 is accepted, 16384 x 16384 is not).
bool fits_ffmpeg(core::Size size);

// A frame over the picture's own pixels, BGR24 or BGRA, of one channel the planes of YUV420P (ops::i420_planes); the
// picture outlives it.
FramePtr as_frame(core::ConstImageView image);
// BGR24 or BGRA frame to picture, same size.
void copy_pixels(core::ImageView out, const AVFrame& in);

}  // namespace facegraph::media
