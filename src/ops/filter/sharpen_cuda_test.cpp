#include "ops/filter/sharpen_cuda.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class SharpenCuda : public GpuOps {};

TEST_F(SharpenCuda, EqualsTheCpuHalf) {
  const core::Image in = noise({224, 224}, 3, core::Depth::kU8);
  const core::ImageView picture = upload(in);
  cuda::sharpened(stream(), picture, picture, static_cast<std::uint16_t*>(take(2 * in.bytes())));
  expect_equal(download(picture), sharpened(in), __builtin_cpu_supports("avx2") ? 0 : 1);
}

}  // namespace
}  // namespace facegraph::ops
