#include "media/filter/scaler.hpp"

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <cstring>
#include <limits>

#include "core/base/error.hpp"
#include "ops/colour/yuv.hpp"

namespace facegraph::media {
namespace {

// MPEG-2 chroma position, as the scale filter sets it for progressive 4:2:0.
constexpr int kChromaPosition420 = 128;
constexpr int kDefaultChromaPosition = -513;

void set_option(SwsContext* context, const char* name, std::int64_t value) {
  check(av_opt_set_int(context, name, value, 0), "scaler: option");
}

void keep_buffer(void*, std::uint8_t*) {}

}  // namespace

void Scaler::prepare(const AVFrame& in) {
  const core::Size size{in.width, in.height};
  if (context_ && in_format_ == in.format && in_size_ == size) {
    return;
  }
  context_.reset(sws_alloc_context());
  if (!context_) {
    core::fail(core::ErrorCode::kOutOfMemory, "scaler: no memory");
  }
  SwsContext* context = context_.get();
  set_option(context, "srcw", in.width);
  set_option(context, "srch", in.height);
  set_option(context, "src_format", in.format);
  set_option(context, "dstw", output_.size.width);
  set_option(context, "dsth", output_.size.height);
  set_option(context, "dst_format", output_.format);
  set_option(context, "sws_flags", output_.rounded ? SWS_BICUBIC | SWS_ACCURATE_RND : SWS_BICUBIC);
  set_option(context, "threads", threads_);
  set_option(context, "src_v_chr_pos", in.format == AV_PIX_FMT_YUV420P ? kChromaPosition420 : kDefaultChromaPosition);
  set_option(context, "dst_v_chr_pos",
             output_.format == AV_PIX_FMT_YUV420P ? kChromaPosition420 : kDefaultChromaPosition);
  check(sws_init_context(context, nullptr, nullptr), "scaler: this pixel format or size cannot be converted");
  in_format_ = in.format;
  in_size_ = size;
}

void Scaler::set_colours(const AVFrame& in) {
  int* in_table = nullptr;
  int* out_table = nullptr;
  int in_full = 0;
  int out_full = 0;
  int brightness = 0;
  int contrast = 0;
  int saturation = 0;
  // Fails for formats that need no colour conversion.
  if (sws_getColorspaceDetails(context_.get(), &in_table, &in_full, &out_table, &out_full, &brightness, &contrast,
                               &saturation) < 0) {
    return;
  }
  const int* matrix = sws_getCoefficients(in.colorspace == AVCOL_SPC_RGB ? AVCOL_SPC_UNSPECIFIED : in.colorspace);
  const int* out_matrix = output_.matrix == AVCOL_SPC_UNSPECIFIED ? matrix : sws_getCoefficients(output_.matrix);
  if (in.color_range != AVCOL_RANGE_UNSPECIFIED) {
    in_full = in.color_range == AVCOL_RANGE_JPEG ? 1 : 0;
  }
  sws_setColorspaceDetails(context_.get(), matrix, in_full, out_matrix, out_full, brightness, contrast, saturation);
}

// What needs no swscale: frames that a GPU has converted, and the same conversion here.
bool Scaler::convert(AVFrame& out, const AVFrame& in) const {
  const core::Size size = output_.size;
  if (in.format == AV_PIX_FMT_YUV420P && output_.format == in.format && core::Size{in.width, in.height} == size) {
    check(av_frame_copy(&out, &in), "scaler: copy");
    return true;
  }
  if (output_.rounded || in.format != AV_PIX_FMT_BGR24 || output_.format != AV_PIX_FMT_YUV420P ||
      output_.matrix != AVCOL_SPC_BT709 || core::Size{in.width, in.height} != size || size.width % 2 != 0 ||
      size.height % 2 != 0) {
    return false;
  }
  const auto plane = [&](int index, core::Size plane_size) {
    return core::ImageView{reinterpret_cast<std::byte*>(out.data[index]),
                           plane_size.width,
                           plane_size.height,
                           1,
                           core::Depth::kU8,
                           out.linesize[index]};
  };
  const core::Size half{size.width / 2, size.height / 2};
  ops::bgr_to_yuv420({plane(0, size), plane(1, half), plane(2, half)},
                     core::ConstImageView{reinterpret_cast<const std::byte*>(in.data[0]), in.width, in.height, 3,
                                          core::Depth::kU8, in.linesize[0]});
  return true;
}

void Scaler::scale(AVFrame& out, const AVFrame& in) {
  if (convert(out, in)) {
    return;
  }
  prepare(in);
  set_colours(in);
  check(sws_scale_frame(context_.get(), &out, &in), "scaler: conversion");
}

FramePtr Scaler::scale(const AVFrame& in) {
  FramePtr out = make_picture(output_.format, output_.size.width, output_.size.height);
  scale(*out, in);
  return out;
}

bool fits_ffmpeg(core::Size size) {
  constexpr std::int64_t kMargin = 128;  // as av_image_check_size adds it
  return (size.width + kMargin) * (size.height + kMargin) < std::numeric_limits<int>::max() / 8;
}

namespace {

void set_planes(AVFrame& frame, AVPixelFormat format, std::initializer_list<core::ImageView> planes) {
  frame.format = format;
  frame.width = planes.begin()->width;
  frame.height = planes.begin()->height;
  int index = 0;
  for (const core::ImageView& plane : planes) {
    frame.data[index] = reinterpret_cast<std::uint8_t*>(plane.data);
    frame.linesize[index++] = static_cast<int>(plane.stride);
  }
}

}  // namespace

FramePtr as_frame(core::ConstImageView image) {
  FramePtr frame = make_frame();
  // FFmpeg reads only: the frame is never handed on as writable.
  const core::ImageView pixels(const_cast<std::byte*>(image.data), image.width, image.height, image.channels,
                               image.depth, image.stride);
  if (image.channels == 1) {
    const ops::YuvPlanes planes = ops::i420_planes(pixels);
    set_planes(*frame, AV_PIX_FMT_YUV420P, {planes.y, planes.u, planes.v});
    frame->colorspace = AVCOL_SPC_BT709;
    frame->color_range = AVCOL_RANGE_MPEG;
  } else {
    set_planes(*frame, image.channels == 4 ? AV_PIX_FMT_BGRA : AV_PIX_FMT_BGR24, {pixels});
  }
  const std::size_t bytes = static_cast<std::size_t>(image.stride) * (image.height - 1) + image.row_bytes();
  frame->buf[0] = av_buffer_create(frame->data[0], bytes, keep_buffer, nullptr, AV_BUFFER_FLAG_READONLY);
  if (frame->buf[0] == nullptr) {
    core::fail(core::ErrorCode::kOutOfMemory, "media: no memory for a frame");
  }
  return frame;
}

void copy_pixels(core::ImageView out, const AVFrame& in) {
  for (int y = 0; y < out.height; ++y) {
    std::memcpy(out.row<std::byte>(y), in.data[0] + static_cast<std::ptrdiff_t>(y) * in.linesize[0], out.row_bytes());
  }
}

}  // namespace facegraph::media
