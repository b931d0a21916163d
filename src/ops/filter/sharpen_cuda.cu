#include "ops/blend/blend_checks.hpp"
#include "ops/filter/sharpen_cuda.hpp"
#include "ops/filter/sharpen_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void sharpened(const device::Stream& stream, core::ImageView out, core::ConstImageView in, std::uint16_t* rows) {
  check_blend(out, in, in);
  for_each_pixel(stream, "sharpened, rows", in.size(), SharpenRows{rows, in});
  for_each_pixel(stream, "sharpened", in.size(), SharpenColumns{out, in, rows});
}

}  // namespace facegraph::ops::cuda
