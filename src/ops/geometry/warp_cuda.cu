#include "core/base/error.hpp"
#include "ops/geometry/warp_cuda.hpp"
#include "ops/geometry/warp_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

namespace {

template <typename T>
void launch(const device::Stream& stream, core::ImageView out, core::ConstImageView in, const WarpInverse& matrix,
            Border border) {
  for_each_pixel(stream, "warp_affine", out.size(), WarpPixels<T>{out, {in, matrix, border}});
}

void warp(const device::Stream& stream, core::ImageView out, core::ConstImageView in, const WarpInverse& matrix,
          Border border) {
  if (in.empty() || out.channels != in.channels || out.depth != in.depth) {
    core::fail(core::ErrorCode::kFailed, "warp_affine: {} channels to {}, expected a picture and a result alike",
               in.channels, out.channels);
  }
  switch (in.depth) {
    case core::Depth::kU8:
      return launch<std::uint8_t>(stream, out, in, matrix, border);
    case core::Depth::kF32:
      return launch<float>(stream, out, in, matrix, border);
    case core::Depth::kF64:
      return launch<double>(stream, out, in, matrix, border);
  }
}

}  // namespace

void warp_affine(const device::Stream& stream, core::ImageView out, core::ConstImageView in, const core::Affine& matrix,
                 Border border) {
  warp(stream, out, in, WarpInverse(matrix), border);
}

void warp_affine(const device::Stream& stream, core::ImageView out, core::ConstImageView in, const core::Affine* matrix,
                 Border border) {
  warp(stream, out, in, WarpInverse(matrix), border);
}

}  // namespace facegraph::ops::cuda
