#include "ops/geometry/resize_pixels.hpp"

#include <fmt/core.h>

#include "ops/gpu/test_support.hpp"

namespace facegraph::ops {
namespace {

template <typename T>
void run(core::ImageView out, core::ConstImageView in, const Fit& fit, Interpolation interpolation) {
  with_sampler(PicturePixels<T>{in}, in.size(), fit.resized, in.channels, interpolation, [&](const auto& sampler) {
    using Sampler = std::decay_t<decltype(sampler)>;
    run_pixels_on_host(out.size(), ResizePixels<Sampler>{out, sampler, fit.resized, fit.left, fit.top});
  });
}

core::Image program_result(core::ConstImageView in, core::Size size, const Fit& fit, Interpolation interpolation) {
  core::Image out(size, in.channels, in.depth);
  switch (in.depth) {
    case core::Depth::kU8:
      run<std::uint8_t>(out, in, fit, interpolation);
      break;
    case core::Depth::kF32:
      run<float>(out, in, fit, interpolation);
      break;
    case core::Depth::kF64:
      run<double>(out, in, fit, interpolation);
      break;
  }
  return out;
}

struct Case {
  core::Size from;
  core::Size to;
};

// Smaller and larger, by whole numbers and not, to and from single pixels, one axis alone.
constexpr std::array<Case, 14> kCases{{{{128, 72}, {64, 36}},
                                       {{211, 97}, {128, 61}},
                                       {{96, 90}, {32, 30}},
                                       {{97, 61}, {211, 130}},
                                       {{40, 30}, {80, 60}},
                                       {{64, 48}, {64, 31}},
                                       {{50, 33}, {31, 66}},
                                       {{1, 1}, {7, 5}},
                                       {{7, 5}, {1, 1}},
                                       {{2, 3}, {5, 4}},
                                       {{147, 98}, {3, 2}},
                                       {{128, 64}, {32, 32}},
                                       {{33, 21}, {33, 21}},
                                       {{640, 1}, {63, 1}}}};

// The tolerances are those of resize_cuda.hpp.
double tolerance_of(const Case& one, core::Depth depth, Interpolation interpolation) {
  if (interpolation == Interpolation::kCubic && one.from != one.to) {
    return depth == core::Depth::kU8 ? 1 : 1e-3;
  }
  const bool is_halved = one.from.width == 2 * one.to.width && one.from.height == 2 * one.to.height;
  return depth == core::Depth::kF32 && is_halved ? 1e-4 : 0;
}

TEST(ResizePixels, EqualTheCpuHalf) {
  for (const Case& one : kCases) {
    for (const int channels : {1, 2, 3, 4}) {
      for (const core::Depth depth : {core::Depth::kU8, core::Depth::kF32, core::Depth::kF64}) {
        for (const Interpolation interpolation :
             {Interpolation::kLinear, Interpolation::kArea, Interpolation::kCubic}) {
          SCOPED_TRACE(fmt::format("{}x{} to {}x{}, {} channels, depth {}, interpolation {}", one.from.width,
                                   one.from.height, one.to.width, one.to.height, channels, static_cast<int>(depth),
                                   static_cast<int>(interpolation)));
          const core::Image in = noise(one.from, channels, depth);
          core::Image expected(one.to, channels, depth);
          resize(expected, in, interpolation);
          expect_equal(program_result(in, one.to, {one.to}, interpolation), expected,
                       tolerance_of(one, depth, interpolation));
        }
      }
    }
  }
}

TEST(ResizePixels, FitAsTheCpuHalf) {
  for (const core::Size from : {core::Size{211, 97}, {97, 211}, {40, 40}, {100, 50}}) {
    for (const core::Size size : {core::Size{64, 64}, {60, 113}, {256, 100}}) {
      SCOPED_TRACE(fmt::format("{}x{} into {}x{}", from.width, from.height, size.width, size.height));
      const core::Image in = noise(from, 3, core::Depth::kU8);
      core::Image contained(size, 3);
      fit_contain(contained, in);
      expect_equal(program_result(in, size, contain_fit(from, size), Interpolation::kLinear), contained);
      core::Image covering;
      fit_cover(covering, in, size);
      const core::Size part = cover_size(from, size);
      expect_equal(program_result(in, part, cover_fit(from, size), Interpolation::kLinear), covering);
    }
  }
}

}  // namespace
}  // namespace facegraph::ops
