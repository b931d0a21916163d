#include "core/types/image.hpp"

#include <cstdlib>
#include <cstring>

#include "core/base/error.hpp"

namespace facegraph::core {

namespace {
constexpr std::size_t kAlignment = 64;
}

Image::Image(int width, int height, int channels, Depth depth) {
  if (width < 0 || height < 0 || channels < 1) {
    fail(ErrorCode::kFailed, "image: size {}x{}x{} is not valid", width, height, channels);
  }
  const std::size_t row = static_cast<std::size_t>(width) * channels * bytes_of(depth);
  const std::size_t bytes = (row * height + kAlignment) / kAlignment * kAlignment;
  pixels_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, bytes)));
  if (!pixels_) {
    fail(ErrorCode::kOutOfMemory, "image: no memory for {}x{}x{} ({} bytes)", width, height, channels, bytes);
  }
  view_ = {pixels_.get(), width, height, channels, depth, static_cast<std::ptrdiff_t>(row)};
}

void Image::Free::operator()(std::byte* pointer) const {
  std::free(pointer);
}

Image Image::zeros(int width, int height, int channels, Depth depth) {
  Image image(width, height, channels, depth);
  std::memset(image.view_.data, 0, image.bytes());
  return image;
}

Image Image::copy_of(ConstImageView view) {
  Image image(view.width, view.height, view.channels, view.depth);
  copy(image, view);
  return image;
}

void copy(ImageView out, ConstImageView in) {
  if (out.size() != in.size() || out.channels != in.channels || out.depth != in.depth) {
    fail(ErrorCode::kFailed, "copy: pictures differ, {}x{}x{} and {}x{}x{}", out.width, out.height, out.channels,
         in.width, in.height, in.channels);
  }
  for (int y = 0; y < in.height; ++y) {
    std::memcpy(out.row<std::byte>(y), in.row<std::byte>(y), in.row_bytes());
  }
}

}  // namespace facegraph::core
