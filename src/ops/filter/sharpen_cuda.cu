#include "ops/filter/sharpen_cuda.hpp"
#include "ops/filter/sharpen_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void sharpened_to_tensor(const device::Stream& stream, std::span<float> out, core::ConstImageView in,
                         std::uint16_t* rows, const ValueTable* table, ChannelOrder order, Layout layout) {
  check_picture(in, out.size());
  for_each_pixel(stream, "sharpened_to_tensor, rows", in.size(), SharpenRows{rows, in});
  for_each_pixel(stream, "sharpened_to_tensor", in.size(), SharpenColumns{out.data(), in, rows, table, order, layout});
}

}  // namespace facegraph::ops::cuda
