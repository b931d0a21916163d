#include "media/image/image_encode.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/core.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "media/ffmpeg.hpp"
#include "media/filter/scaler.hpp"
#include "ops/opencv.hpp"

namespace facegraph::media {
namespace {

constexpr int kMaxWebpSide = 16383;

// As `ffmpeg -q:v scale` writes the picture with this encoder.
std::vector<std::byte> encode_with_ffmpeg(core::ConstImageView image, const char* encoder, AVPixelFormat format,
                                          double scale, const std::string& name) {
  route_ffmpeg_log();
  const AVCodec* codec = avcodec_find_encoder_by_name(encoder);
  CodecPtr context(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
  if (!context) {
    core::fail(core::ErrorCode::kFailed, "{}: the linked FFmpeg has no encoder {}", name, encoder);
  }
  context->width = image.width;
  context->height = image.height;
  context->pix_fmt = format;
  context->time_base = {1, 25};
  context->flags |= AV_CODEC_FLAG_QSCALE;
  context->global_quality = static_cast<int>(std::lrint(FF_QP2LAMBDA * scale));
  check(avcodec_open2(context.get(), codec, nullptr), name);

  Scaler scaler({format, image.size(), AVCOL_SPC_UNSPECIFIED});
  const FramePtr frame = scaler.scale(*as_frame(image));
  frame->pts = 0;
  frame->quality = context->global_quality;
  check(avcodec_send_frame(context.get(), frame.get()), name);
  check(avcodec_send_frame(context.get(), nullptr), name);
  const PacketPtr packet = make_packet();
  check(avcodec_receive_packet(context.get(), packet.get()), name);
  std::vector<std::byte> bytes(static_cast<std::size_t>(packet->size));
  std::memcpy(bytes.data(), packet->data, bytes.size());
  return bytes;
}

std::vector<std::byte> encode_with_opencv(core::ConstImageView image, const std::string& format,
                                          const std::string& name, const std::vector<int>& parameters = {}) {
  std::vector<unsigned char> encoded;
  bool done = false;
  try {
    done = cv::imencode("." + format, ops::as_mat(image), encoded, parameters);
  } catch (const cv::Exception&) {
    done = false;
  }
  if (!done) {
    core::fail(core::ErrorCode::kFailed, "{}: a picture of {}x{} cannot be encoded as {}", name, image.width,
               image.height, format);
  }
  std::vector<std::byte> bytes(encoded.size());
  std::memcpy(bytes.data(), encoded.data(), bytes.size());
  return bytes;
}

std::vector<std::byte> encode_jpeg(core::ConstImageView image, int quality, const std::string& name) {
  if (!fits_ffmpeg(image.size())) {
    return encode_with_opencv(image, "jpg", name, {cv::IMWRITE_JPEG_QUALITY, quality});
  }
  return encode_with_ffmpeg(image, "mjpeg", AV_PIX_FMT_YUVJ444P, std::rint(31 - 0.31 * quality), name);
}

std::vector<std::byte> encode_webp(core::ConstImageView image, int quality, const std::string& name) {
  if (image.width > kMaxWebpSide || image.height > kMaxWebpSide) {
    core::fail(core::ErrorCode::kFailed, "{}: the picture is {}x{}, webp holds at most {} pixels per side", name,
               image.width, image.height, kMaxWebpSide);
  }
  return encode_with_ffmpeg(image, "libwebp", AV_PIX_FMT_BGRA, quality, name);
}

// BITMAPV4HEADER with channel masks: the form in which readers take the fourth channel as alpha (OpenCV's own has no
// mask for it).
std::vector<std::byte> encode_bmp_with_alpha(core::ConstImageView image) {
  constexpr std::uint32_t kHeader = 14 + 108;
  const auto size = static_cast<std::uint32_t>(image.row_bytes() * static_cast<std::size_t>(image.height));
  std::vector<std::byte> bytes;
  bytes.reserve(kHeader + size);
  const auto put = [&bytes](std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      bytes.push_back(static_cast<std::byte>(value >> 8 * i & 0xFFU));
    }
  };
  put('B' | 'M' << 8, 2);
  for (const std::uint32_t value : {kHeader + size, 0U, kHeader, 108U, static_cast<std::uint32_t>(image.width),
                                    static_cast<std::uint32_t>(image.height)}) {
    put(value, 4);
  }
  put(1, 2);   // planes
  put(32, 2);  // bits per pixel
  // Compression BITFIELDS, size, resolution twice, palette twice, masks of red, green, blue, alpha, colour space sRGB.
  for (const std::uint32_t value :
       {3U, size, 2835U, 2835U, 0U, 0U, 0xFF0000U, 0xFF00U, 0xFFU, 0xFF000000U, 0x73524742U}) {
    put(value, 4);
  }
  bytes.resize(kHeader);
  for (int y = image.height - 1; y >= 0; --y) {
    const auto* row = image.row<std::byte>(y);
    bytes.insert(bytes.end(), row, row + image.row_bytes());
  }
  return bytes;
}

core::Image without_alpha(core::ConstImageView image) {
  core::Image out(image.size(), 3);
  cv::cvtColor(ops::as_mat(image), ops::as_mat(out.view()), cv::COLOR_BGRA2BGR);
  return out;
}

}  // namespace

std::vector<std::byte> encode_image(core::ConstImageView image, const std::string& format, int quality,
                                    const std::string& name) {
  if (format == "jpeg") {
    const core::Image opaque = image.channels == 4 ? without_alpha(image) : core::Image();
    return encode_jpeg(image.channels == 4 ? opaque.view() : image, quality, name);
  }
  if (format == "webp") {
    return encode_webp(image, quality, name);
  }
  if (format == "bmp" && image.channels == 4) {
    return encode_bmp_with_alpha(image);
  }
  if (format == "png" || format == "bmp" || format == "tiff") {
    return encode_with_opencv(image, format, name);
  }
  core::fail(core::ErrorCode::kUsage, "{}: pictures are written as bmp, jpeg, png, tiff or webp", name);
}

}  // namespace facegraph::media
