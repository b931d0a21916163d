// Pictures in host memory. Image owns its pixels (64-byte aligned, rows contiguous unless it is a view), ImageView and
// ConstImageView only look at them. Interleaved (HWC); three channels are BGR, four BGRA, as in the reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace facegraph::core {

struct Size {
  int width = 0;
  int height = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

enum class Depth : std::uint8_t { kU8, kF32, kF64 };

constexpr std::size_t bytes_of(Depth depth) {
  return depth == Depth::kU8 ? 1 : depth == Depth::kF32 ? 4 : 8;
}

template <typename Byte>
struct BasicImageView {
  Byte* data = nullptr;
  int width = 0;
  int height = 0;
  int channels = 0;
  Depth depth = Depth::kU8;
  std::ptrdiff_t stride = 0;  // bytes from a row to the next

  BasicImageView() = default;
  BasicImageView(Byte* data_, int width_, int height_, int channels_, Depth depth_, std::ptrdiff_t stride_)
      : data(data_), width(width_), height(height_), channels(channels_), depth(depth_), stride(stride_) {}
  template <typename Other, typename = std::enable_if_t<std::is_convertible_v<Other*, Byte*>>>
  BasicImageView(const BasicImageView<Other>& other)  // NOLINT(google-explicit-constructor): a view to a const view
      : BasicImageView(other.data, other.width, other.height, other.channels, other.depth, other.stride) {}

  Size size() const { return {width, height}; }
  bool empty() const { return width <= 0 || height <= 0; }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * channels * bytes_of(depth); }

  // The caller knows the depth; T is uint8_t, float or double.
  template <typename T>
  auto row(int y) const {
    using Pixel = std::conditional_t<std::is_const_v<Byte>, const T, T>;
    return reinterpret_cast<Pixel*>(data + y * stride);
  }

  // A rectangle of this picture; the caller keeps it inside.
  BasicImageView crop(int x, int y, int crop_width, int crop_height) const {
    const std::ptrdiff_t offset =
        y * stride + static_cast<std::ptrdiff_t>(x) * channels * static_cast<std::ptrdiff_t>(bytes_of(depth));
    return {data + offset, crop_width, crop_height, channels, depth, stride};
  }
};

using ImageView = BasicImageView<std::byte>;
using ConstImageView = BasicImageView<const std::byte>;

class Image {
 public:
  Image() = default;
  // Pixels are not initialised. Throws Error(kFailed) for sizes that overflow, Error(kOutOfMemory) when memory ran out.
  Image(int width, int height, int channels, Depth depth = Depth::kU8);
  Image(Size size, int channels, Depth depth = Depth::kU8) : Image(size.width, size.height, channels, depth) {}

  static Image zeros(int width, int height, int channels, Depth depth = Depth::kU8);
  static Image copy_of(ConstImageView view);

  Image(Image&&) noexcept = default;
  Image& operator=(Image&&) noexcept = default;

  ImageView view() { return view_; }
  ConstImageView view() const { return view_; }
  operator ImageView() { return view_; }             // NOLINT(google-explicit-constructor)
  operator ConstImageView() const { return view_; }  // NOLINT(google-explicit-constructor)

  int width() const { return view_.width; }
  int height() const { return view_.height; }
  int channels() const { return view_.channels; }
  Depth depth() const { return view_.depth; }
  Size size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  std::size_t bytes() const { return view_.row_bytes() * view_.height; }

  template <typename T>
  T* row(int y) {
    return view_.row<T>(y);
  }
  template <typename T>
  const T* row(int y) const {
    return view_.row<T>(y);
  }

 private:
  struct Free {
    void operator()(std::byte* pointer) const;
  };
  std::unique_ptr<std::byte, Free> pixels_;
  ImageView view_;
};

// Copies pixel by pixel; sizes, channels and depths must agree.
void copy(ImageView out, ConstImageView in);

// A decoded frame that several stages read and none changes.
using Frame = std::shared_ptr<const Image>;

}  // namespace facegraph::core
