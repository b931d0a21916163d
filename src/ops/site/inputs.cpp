#include "ops/site/inputs.hpp"

#include "ops/tensor/tensor_cuda.hpp"

namespace facegraph::ops {

bool letterbox(const device::Site& site, std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame,
               std::array<int, 4> margin, core::Size size, const SiteTable& table) {
  return site.on_gpu() ? cuda::letterbox(site.stream(), out, ratio, frame, margin, size, table.get())
                       : letterbox(out, ratio, frame, margin, size, *table.get());
}

}  // namespace facegraph::ops
