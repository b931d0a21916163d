#include "media/image/image_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "media/file/output_file.hpp"
#include "media/filter/scaler.hpp"
#include "media/image/image_encode.hpp"
#include "media/image/image_header.hpp"
#include "media/media.hpp"
#include "media/provenance/xmp_embed.hpp"
#include "ops/opencv.hpp"

namespace facegraph::media {
namespace {

constexpr int kMaxSide = 1 << 15;

std::string read_bytes(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    core::fail(core::ErrorCode::kFailed, "{}: no such file", path.string());
  }
  if (!std::filesystem::is_regular_file(path, error)) {
    core::fail(core::ErrorCode::kFailed, "{}: is not a file", path.string());
  }
  return core::read_file(path);
}

ImageHeader checked_header(std::span<const std::byte> bytes, const std::string& name) {
  const auto header = read_image_header(bytes);
  if (!header) {
    core::fail(core::ErrorCode::kFailed, "{}: is no picture (it looks like {}); use bmp, jpeg, png, tiff or webp", name,
               describe_bytes(bytes));
  }
  if (header->size.width > kMaxSide || header->size.height > kMaxSide) {
    core::fail(core::ErrorCode::kFailed, "{}: the picture is {}x{}, at most {} pixels per side can be read", name,
               header->size.width, header->size.height, kMaxSide);
  }
  if (!header->damage.empty() || header->size.width <= 0 || header->size.height <= 0) {
    core::fail(core::ErrorCode::kFailed, "{}: the picture is damaged or cut off: {}", name,
               header->damage.empty() ? "it tells no size" : header->damage);
  }
  return *header;
}

// Decodes into `out` when it has the right size and type, else into new memory.
void decode(cv::Mat& out, std::span<const std::byte> bytes, const ImageHeader& header, int flags) {
  const std::vector<std::byte> essential =
      header.format == ImageFormat::kPng ? essential_png(bytes) : std::vector<std::byte>();
  const auto used = essential.empty() ? bytes : std::span<const std::byte>(essential);
  const cv::Mat input(1, static_cast<int>(used.size()), CV_8UC1, const_cast<std::byte*>(used.data()));
  // It returns an empty picture, and leaves `out` as it was, when it fails.
  if (cv::imdecode(input, flags, &out).empty()) {
    out.release();
  }
}

cv::Mat to_8_bit(const cv::Mat& image) {
  cv::Mat out;
  // 16 bit: the high byte, as the colour decoders do.
  image.convertTo(out, CV_8U, 1.0 / 256, -0.5 + 1.0 / 512);
  return image.depth() == CV_8U ? image : out;
}

cv::Mat upright(const cv::Mat& image, int orientation) {
  cv::Mat turned = image;
  if (orientation >= 5) {
    cv::transpose(image, turned);
  }
  // What is left after the transposition: mirror columns (1), mirror rows (0), both (-1).
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(turned, turned, 1);
      break;
    case 4:
    case 8:
      cv::flip(turned, turned, 0);
      break;
    case 3:
    case 7:
      cv::flip(turned, turned, -1);
      break;
    default:
      break;
  }
  return turned;
}

core::Image to_image(const cv::Mat& mat) {
  const core::ConstImageView view(reinterpret_cast<const std::byte*>(mat.data), mat.cols, mat.rows, mat.channels(),
                                  core::Depth::kU8, static_cast<std::ptrdiff_t>(mat.step[0]));
  return core::Image::copy_of(view);
}

// Empty when the bytes cannot be decoded.
core::Image decode_pixels(std::span<const std::byte> bytes, const ImageHeader& header, ReadMode mode) {
  // OpenCV turns TIFF pictures itself while it decodes.
  const int orientation = header.format == ImageFormat::kTiff ? 1 : header.orientation;
  if (mode == ReadMode::kAlpha) {
    cv::Mat image;
    decode(image, bytes, header, cv::IMREAD_UNCHANGED);
    if (image.channels() == 4) {
      return to_image(upright(to_8_bit(image), orientation));
    }
  }
  core::Image image(header.size, 3);
  cv::Mat mat = ops::as_mat(image.view());
  decode(mat, bytes, header, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  if (mat.empty()) {
    return {};
  }
  const bool in_place = mat.data == reinterpret_cast<std::uint8_t*>(image.view().data);
  return in_place && orientation == 1 ? std::move(image) : to_image(upright(mat, orientation));
}

}  // namespace

core::Image decode_image(std::span<const std::byte> bytes, ReadMode mode, const std::string& name) {
  const ImageHeader header = checked_header(bytes, name);
  try {
    core::Image image = decode_pixels(bytes, header, mode);
    if (!image.empty()) {
      return image;
    }
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      core::fail(core::ErrorCode::kOutOfMemory, "{}: no memory for a picture of {}x{}", name, header.size.width,
                 header.size.height);
    }
  }
  core::fail(core::ErrorCode::kFailed, "{}: the picture cannot be decoded, its content is damaged", name);
}

core::Image read_image(const std::filesystem::path& path, ReadMode mode) {
  const std::string bytes = read_bytes(path);
  return decode_image(std::as_bytes(std::span(bytes)), mode, path.string());
}

core::Size image_size(const std::filesystem::path& path) {
  const std::string bytes = read_bytes(path);
  const ImageHeader header = checked_header(std::as_bytes(std::span(bytes)), path.string());
  const bool lying = header.orientation >= 5;
  return lying ? core::Size{header.size.height, header.size.width} : header.size;
}

core::Image scale_image(core::ConstImageView image, core::Size size) {
  if (image.size() == size) {
    return core::Image::copy_of(image);
  }
  core::Image out(size, image.channels);
  if (!fits_ffmpeg(image.size()) || !fits_ffmpeg(size)) {
    cv::Mat target = ops::as_mat(out.view());
    cv::resize(ops::as_mat(image), target, target.size(), 0, 0, cv::INTER_CUBIC);
    return out;
  }
  Scaler scaler({image.channels == 4 ? AV_PIX_FMT_BGRA : AV_PIX_FMT_BGR24, size, AVCOL_SPC_UNSPECIFIED});
  copy_pixels(out, *scaler.scale(*as_frame(image)));
  return out;
}

void write_image(const std::filesystem::path& path, core::ConstImageView image, int quality,
                 const Provenance& provenance) {
  OutputFile file(path);
  const std::string format = format_of(path);
  file.write(with_xmp(encode_image(image, format, quality, path.string()), format, xmp_packet(provenance)));
  file.commit();
}

void write_temp_image(const std::filesystem::path& path, core::ConstImageView image) {
  const std::vector<std::byte> bytes = encode_image(image, format_of(path), 100, path.string());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be written: {}", path.string(), std::strerror(errno));
  }
}

}  // namespace facegraph::media
