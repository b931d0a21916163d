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

void check_resize(core::ConstImageView out, core::ConstImageView in, core::Size resized) {
  if (in.empty() || resized.width <= 0 || resized.height <= 0) {
    core::fail(core::ErrorCode::kFailed, "resize: {}x{} to {}x{}, expected sides of at least 1", in.width, in.height,
               resized.width, resized.height);
  }
  if (out.channels != in.channels || out.depth != in.depth) {
    core::fail(core::ErrorCode::kFailed, "resize: {} channels to {}, expected equal channels and depths", in.channels,
               out.channels);
  }
}

void resize(core::ImageView out, core::ConstImageView in, Interpolation interpolation) {
  check_resize(out, in, out.size());
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

Fit contain_fit(core::Size in, core::Size size) {
  const double scale =
      std::min(static_cast<double>(size.height) / in.height, static_cast<double>(size.width) / in.width);
  const core::Size resized = scaled(in, scale);
  return {resized, std::max(0, (size.width - resized.width) / 2), std::max(0, (size.height - resized.height) / 2)};
}

Fit cover_fit(core::Size in, core::Size size) {
  const double scale =
      std::max(static_cast<double>(size.width) / in.width, static_cast<double>(size.height) / in.height);
  const core::Size resized = scaled(in, scale);
  return {resized, -std::max(0, (resized.width - size.width) / 2), -std::max(0, (resized.height - size.height) / 2)};
}

core::Size cover_size(core::Size in, core::Size size) {
  const Fit fit = cover_fit(in, size);
  return {std::min(fit.resized.width + fit.left, size.width), std::min(fit.resized.height + fit.top, size.height)};
}

void fit_contain(core::ImageView out, core::ConstImageView in) {
  const Fit fit = contain_fit(in.size(), out.size());
  for (int y = 0; y < out.height; ++y) {
    std::memset(out.row<std::byte>(y), 0, out.row_bytes());
  }
  resize(out.crop(fit.left, fit.top, fit.resized.width, fit.resized.height), in);
}

void fit_cover(core::Image& out, core::ConstImageView in, core::Size size) {
  const Fit fit = cover_fit(in.size(), size);
  core::Image resized(fit.resized, in.channels, in.depth);
  resize(resized, in);
  const core::Size part = cover_size(in.size(), size);
  out = core::Image::copy_of(resized.view().crop(-fit.left, -fit.top, part.width, part.height));
}

}  // namespace facegraph::ops
