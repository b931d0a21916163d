#include "media/decode/gpu_decoding.hpp"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "core/base/error.hpp"
#include "media/decode/tone_map.hpp"
#include "media/probe/input.hpp"
#include "ops/colour/yuv_to_bgr_cuda.hpp"

namespace facegraph::media {
namespace {

constexpr std::array kCodecs = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_VP9};
constexpr std::array kFormats = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P10LE};

template <typename List, typename Value>
bool contains(const List& list, Value value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

core::Size size_of(const AVStream& stream) {
  return {stream.codecpar->width, stream.codecpar->height};
}

// As swscale takes what frames are tagged with; none: a matrix that the operator has not.
std::optional<ops::YuvMatrix> matrix_of(AVColorSpace space) {
  switch (space) {
    case AVCOL_SPC_BT709:
      return ops::YuvMatrix::kBt709;
    case AVCOL_SPC_BT2020_NCL:
      return ops::YuvMatrix::kBt2020;
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return ops::YuvMatrix::kBt601;
    default:
      return std::nullopt;
  }
}

template <typename... Arguments>
void need(bool condition, fmt::format_string<Arguments...> reason, Arguments&&... arguments) {
  if (!condition) {
    core::fail(core::ErrorCode::kFailed, "{}", fmt::format(reason, std::forward<Arguments>(arguments)...));
  }
}

const AVStream& checked(const AVStream& stream) {
  const AVCodecParameters& told = *stream.codecpar;
  const auto format = static_cast<AVPixelFormat>(told.format);
  const char* format_name = av_get_pix_fmt_name(format);
  need(contains(kCodecs, told.codec_id), "the GPU decodes h264, hevc, av1 and vp9, not {}",
       avcodec_get_name(told.codec_id));
  need(contains(kFormats, format), "the GPU decodes 4:2:0 of 8 and 10 bits, not {}",
       format_name == nullptr ? "an unknown pixel format" : format_name);
  need(rotation_of(stream) == 0, "frames are turned by {} degrees", rotation_of(stream));
  need(!is_hdr(told.color_trc), "HDR is converted on the CPU");
  need(matrix_of(told.color_space).has_value(), "colour matrix {} is converted on the CPU",
       av_color_space_name(told.color_space) == nullptr ? "unknown" : av_color_space_name(told.color_space));
  need(told.width > 0 && told.width % 2 == 0 && told.height > 0 && told.height % 2 == 0, "the size {}x{} is odd",
       told.width, told.height);
  return stream;
}

device::Gpu& bound(device::Gpu& gpu) {
  gpu.bind_thread();
  return gpu;
}

// Decoders leave the left and upper border that is not shown to us.
ops::SemiPlanarPicture picture_of(const AVFrame& planes) {
  const bool deep = planes.format == AV_PIX_FMT_P010LE;
  const auto left = static_cast<std::ptrdiff_t>(planes.crop_left) * (deep ? 2 : 1);
  const auto top = static_cast<std::ptrdiff_t>(planes.crop_top);
  ops::SemiPlanarPicture picture;
  picture.y = reinterpret_cast<const std::byte*>(planes.data[0]) + top * planes.linesize[0] + left;
  picture.uv = reinterpret_cast<const std::byte*>(planes.data[1]) + top / 2 * planes.linesize[1] + left;
  picture.y_stride = planes.linesize[0];
  picture.uv_stride = planes.linesize[1];
  picture.size = {planes.width - static_cast<int>(planes.crop_left), planes.height - static_cast<int>(planes.crop_top)};
  picture.deep = deep;
  return picture;
}

}  // namespace

GpuDecoding::GpuDecoding(device::Gpu& gpu, const AVStream& stream, int pictures)
    : av_stream_(checked(stream)),
      stream_(bound(gpu)),
      frames_(open_hardware_frames(stream_)),
      pool_(stream_, size_of(stream), 3, pictures) {}

device::SharedPicture GpuDecoding::convert(const AVFrame& frame) {
  const FramePtr planes = frames_->planes(frame);
  const ops::SemiPlanarPicture picture = picture_of(*planes);
  const std::optional<ops::YuvMatrix> matrix = matrix_of(frame.colorspace);
  const bool even_border = planes->crop_left % 2 == 0 && planes->crop_top % 2 == 0;
  const bool known = planes->format == AV_PIX_FMT_NV12 || planes->format == AV_PIX_FMT_P010LE;
  if (picture.size != size_of(av_stream_) || !matrix || !even_border || !known || is_hdr(frame.color_trc)) {
    return {};
  }
  const std::lock_guard lock(mutex_);
  return pool_.filled([&](core::ImageView bgr) {
    ops::cuda::yuv_to_bgr(stream_, bgr, picture, *matrix, frame.color_range == AVCOL_RANGE_JPEG);
  });
}

}  // namespace facegraph::media
