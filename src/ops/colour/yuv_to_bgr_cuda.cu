#include "ops/colour/colour_checks.hpp"
#include "ops/colour/yuv_to_bgr_cuda.hpp"
#include "ops/colour/yuv_to_bgr_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

void yuv_to_bgr(const device::Stream& stream, core::ImageView bgr, const SemiPlanarPicture& in, YuvMatrix matrix,
                bool full_range) {
  check_decoded(bgr, in.size);
  for_each_pixel(stream, "yuv_to_bgr", {in.size.width / 2, in.size.height},
                 YuvToBgrPixels{bgr, in, bgr_coefficients(matrix, full_range)});
}

}  // namespace facegraph::ops::cuda
