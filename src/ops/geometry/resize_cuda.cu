#include "core/base/error.hpp"
#include "ops/geometry/resize_cuda.hpp"
#include "ops/geometry/resize_pixels.hpp"
#include "ops/gpu/launch.cuh"

namespace facegraph::ops::cuda {

namespace {

// What a launch needs beside the sampler.
struct Target {
  core::ImageView out;
  core::Size resized;
  int left = 0;
  int top = 0;
};

template <typename T>
void launch(const device::Stream& stream, const char* what, const Target& target, core::ConstImageView in,
            Interpolation interpolation) {
  with_sampler(PicturePixels<T>{in}, in.size(), target.resized, in.channels, interpolation, [&](const auto& sampler) {
    using Sampler = std::decay_t<decltype(sampler)>;
    const ResizePixels<Sampler> program{target.out, sampler, target.resized, target.left, target.top};
    for_each_pixel(stream, what, target.out.size(), program);
  });
}

void place(const device::Stream& stream, const char* what, const Target& target, core::ConstImageView in,
           Interpolation interpolation) {
  check_resize(target.out, in, target.resized);
  switch (in.depth) {
    case core::Depth::kU8:
      return launch<std::uint8_t>(stream, what, target, in, interpolation);
    case core::Depth::kF32:
      return launch<float>(stream, what, target, in, interpolation);
    case core::Depth::kF64:
      return launch<double>(stream, what, target, in, interpolation);
  }
}

}  // namespace

void resize(const device::Stream& stream, core::ImageView out, core::ConstImageView in, Interpolation interpolation) {
  place(stream, "resize", {out, out.size()}, in, interpolation);
}

void fit_contain(const device::Stream& stream, core::ImageView out, core::ConstImageView in) {
  const Fit fit = contain_fit(in.size(), out.size());
  place(stream, "fit_contain", {out, fit.resized, fit.left, fit.top}, in, Interpolation::kLinear);
}

void fit_cover(const device::Stream& stream, core::ImageView out, core::ConstImageView in, core::Size size) {
  const core::Size expected = cover_size(in.size(), size);
  if (out.size() != expected) {
    core::fail(core::ErrorCode::kFailed, "fit_cover: result is {}x{}, expected {}x{}", out.width, out.height,
               expected.width, expected.height);
  }
  const Fit fit = cover_fit(in.size(), size);
  place(stream, "fit_cover", {out, fit.resized, fit.left, fit.top}, in, Interpolation::kLinear);
}

}  // namespace facegraph::ops::cuda
