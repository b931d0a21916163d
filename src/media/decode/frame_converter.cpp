#include "media/decode/frame_converter.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "core/base/error.hpp"
#include "media/probe/input.hpp"

namespace facegraph::media {
namespace {

// swscale's vector code writes whole registers: rows that are no multiple of this go through a padded frame.
constexpr std::size_t kRowAlignment = 64;

core::Size display_size(const AVStream& stream) {
  const core::Size size{stream.codecpar->width, stream.codecpar->height};
  return rotation_of(stream) % 180 == 0 ? size : core::Size{size.height, size.width};
}

std::string turn_filter(int rotation) {
  switch (rotation) {
    case 90:
      return "transpose=clock";
    case 180:
      return "hflip,vflip";
    default:
      return "transpose=cclock";
  }
}

}  // namespace

FrameConverter::FrameConverter(const AVStream& stream)
    : stream_(stream),
      rotation_(rotation_of(stream)),
      size_(display_size(stream)),
      scaler_({AV_PIX_FMT_BGR24, size_, AVCOL_SPC_UNSPECIFIED}) {}

core::Image FrameConverter::convert(const AVFrame& frame) {
  const FramePtr turned = rotation_ == 0 ? nullptr : upright(frame);
  const AVFrame& source = turned ? *turned : frame;
  const auto transfer = source.color_trc == AVCOL_TRC_UNSPECIFIED ? stream_.codecpar->color_trc : source.color_trc;
  if (!is_hdr(transfer)) {
    return to_bgr(source);
  }
  if (!tone_map_) {
    const auto primaries =
        source.color_primaries == AVCOL_PRI_UNSPECIFIED ? stream_.codecpar->color_primaries : source.color_primaries;
    tone_map_.emplace(transfer, peak_nits_of(stream_), primaries != AVCOL_PRI_BT709);
  }
  return to_sdr(source);
}

FramePtr FrameConverter::upright(const AVFrame& frame) {
  const core::Size size{frame.width, frame.height};
  if (!turn_ || turn_format_ != frame.format || !(turn_size_ == size)) {
    turn_ = std::make_unique<FilterGraph>(
        buffer_source(frame, stream_.time_base) + "," + turn_filter(rotation_) + ",buffersink@out", false);
    turn_format_ = frame.format;
    turn_size_ = size;
  }
  turn_->push(&frame);
  FramePtr turned = turn_->pull();
  if (!turned) {
    core::fail(core::ErrorCode::kFailed, "media: a frame could not be turned by {} degrees", rotation_);
  }
  return turned;
}

core::Image FrameConverter::to_bgr(const AVFrame& frame) {
  core::Image image(size_, 3);
  if (image.view().row_bytes() % kRowAlignment == 0) {
    const FramePtr out = as_frame(image);
    scaler_.scale(*out, frame);
    return image;
  }
  if (!padded_) {
    padded_ = make_picture(AV_PIX_FMT_BGR24, size_.width, size_.height);
  }
  scaler_.scale(*padded_, frame);
  copy_pixels(image, *padded_);
  return image;
}

core::Image FrameConverter::to_sdr(const AVFrame& frame) {
  if (!deep_scaler_) {
    deep_scaler_.emplace(Scaler::Output{AV_PIX_FMT_BGR48LE, size_, AVCOL_SPC_UNSPECIFIED});
    padded_ = make_picture(AV_PIX_FMT_BGR48LE, size_.width, size_.height);
  }
  deep_scaler_->scale(*padded_, frame);
  core::Image image(size_, 3);
  tone_map_->apply(image, *padded_);
  return image;
}

}  // namespace facegraph::media
