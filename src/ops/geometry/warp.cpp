#include "ops/geometry/warp.hpp"

#include <algorithm>
#include <cstring>

#include <opencv2/imgproc.hpp>

#include "core/base/error.hpp"
#include "ops/geometry/row_sampler.hpp"
#include "ops/opencv.hpp"

namespace facegraph::ops {

namespace {

template <typename T, int kChannels>
void warp_rows(core::ImageView out, core::ConstImageView in, const core::Affine& matrix, Border border) {
  const RowSampler<T, kChannels> sampler(in, matrix, border);
  for (int y = 0; y < out.height; ++y) {
    sampler.sample(out.row<T>(y), y, 0, out.width);
  }
}

template <typename T>
void warp_channels(core::ImageView out, core::ConstImageView in, const core::Affine& matrix, Border border) {
  switch (in.channels) {
    case 1:
      return warp_rows<T, 1>(out, in, matrix, border);
    case 2:
      return warp_rows<T, 2>(out, in, matrix, border);
    case 3:
      return warp_rows<T, 3>(out, in, matrix, border);
    case 4:
      return warp_rows<T, 4>(out, in, matrix, border);
    default:
      core::fail(core::ErrorCode::kFailed, "warp_affine: picture has {} channels, expected 1 to 4", in.channels);
  }
}

int cv_flag(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kLinear:
      return cv::INTER_LINEAR;
    case Interpolation::kArea:
      return cv::INTER_AREA;
    case Interpolation::kCubic:
      return cv::INTER_CUBIC;
  }
  core::fail(core::ErrorCode::kFailed, "resize: unknown interpolation {}", static_cast<int>(interpolation));
}

core::Size scaled(core::Size size, double scale) {
  return {static_cast<int>(size.width * scale), static_cast<int>(size.height * scale)};
}

}  // namespace

void warp_affine(core::ImageView out, core::ConstImageView in, const core::Affine& matrix, Border border) {
  if (in.empty() || out.channels != in.channels || out.depth != in.depth) {
    core::fail(
        core::ErrorCode::kFailed,
        "warp_affine: input {}x{} of {} channels and output of {} channels, expected a picture that is not empty and "
        "equal channels and depths",
        in.width, in.height, in.channels, out.channels);
  }
  switch (in.depth) {
    case core::Depth::kU8:
      return warp_channels<std::uint8_t>(out, in, matrix, border);
    case core::Depth::kF32:
      return warp_channels<float>(out, in, matrix, border);
    case core::Depth::kF64:
      return warp_channels<double>(out, in, matrix, border);
  }
}

void resize(core::ImageView out, core::ConstImageView in, Interpolation interpolation) {
  if (in.empty() || out.empty()) {
    core::fail(core::ErrorCode::kFailed, "resize: {}x{} to {}x{}, expected sides of at least 1", in.width, in.height,
               out.width, out.height);
  }
  if (out.channels != in.channels || out.depth != in.depth) {
    core::fail(core::ErrorCode::kFailed, "resize: {} channels to {}, expected equal channels and depths", in.channels,
               out.channels);
  }
  if (out.size() == in.size()) {
    return core::copy(out, in);
  }
  cv::Mat target = as_mat(out);
  cv::resize(as_mat(in), target, target.size(), 0, 0, cv_flag(interpolation));
}

core::Size restrict_size(core::Size size, core::Size limit) {
  if (size.height <= limit.height && size.width <= limit.width) {
    return size;
  }
  const double scale =
      std::min(static_cast<double>(limit.height) / size.height, static_cast<double>(limit.width) / size.width);
  return scaled(size, scale);
}

void fit_contain(core::ImageView out, core::ConstImageView in) {
  const double scale = std::min(static_cast<double>(out.height) / in.height, static_cast<double>(out.width) / in.width);
  const core::Size size = scaled(in.size(), scale);
  const int left = std::max(0, (out.width - size.width) / 2);
  const int top = std::max(0, (out.height - size.height) / 2);
  for (int y = 0; y < out.height; ++y) {
    std::memset(out.row<std::byte>(y), 0, out.row_bytes());
  }
  resize(out.crop(left, top, size.width, size.height), in);
}

void fit_cover(core::Image& out, core::ConstImageView in, core::Size size) {
  const double scale =
      std::max(static_cast<double>(size.width) / in.width, static_cast<double>(size.height) / in.height);
  const core::Size covering = scaled(in.size(), scale);
  core::Image resized(covering, in.channels, in.depth);
  resize(resized, in);
  const int x = std::max(0, (covering.width - size.width) / 2);
  const int y = std::max(0, (covering.height - size.height) / 2);
  const int width = std::min(covering.width, x + size.width) - x;
  const int height = std::min(covering.height, y + size.height) - y;
  out = core::Image::copy_of(resized.view().crop(x, y, width, height));
}

}  // namespace facegraph::ops
