#include "ops/filter/sharpen_cuda.hpp"

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

class SharpenCuda : public GpuOps {};

TEST_F(SharpenCuda, EqualsTheCpuHalves) {
  const ValueTable table = value_table({0.5, 0.4, 0.3}, {1, 1, 1});
  const core::Image in = noise({224, 200}, 3, core::Depth::kU8);
  for (const auto order : {ChannelOrder::kBgr, ChannelOrder::kRgb}) {
    for (const auto layout : {Layout::kHwc, Layout::kChw}) {
      core::Image expected(in.size(), 3, core::Depth::kF32);
      const std::span<float> values(expected.row<float>(0), in.bytes());
      to_tensor(values, sharpened(in), table, order, layout);
      const core::ImageView found = upload(expected);
      cuda::sharpened_to_tensor(stream(), {reinterpret_cast<float*>(found.data), in.bytes()}, upload(in),
                                static_cast<std::uint16_t*>(take(2 * in.bytes())), upload_value(table), order, layout);
      expect_equal(download(found), expected, __builtin_cpu_supports("avx2") ? 0 : 1.01 / 255);
    }
  }
}

}  // namespace
}  // namespace facegraph::ops
