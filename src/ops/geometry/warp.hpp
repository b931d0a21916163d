// Sampling pictures through an affine matrix. spec: analysis.md 3.3 and appendix A.1.
#pragma once

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

enum class Border { kConstant, kReplicate };  // constant: 0

// out(x, y) = in(inverse(matrix) * (x, y)), bilinear. u8 and f32: exact float32 source coordinates per tap (OpenCV 5's
// arithmetic; older OpenCV rounds them to 1/32 pixel). f64: the 1/32-pixel sampler that OpenCV still uses there. 1 to 4
// channels; out and in agree in channels and depth and do not overlap.
void warp_affine(core::ImageView out, core::ConstImageView in, const core::Affine& matrix, Border border);

// cv::resize with the named interpolation; the same size copies. Sizes of zero: Error(kFailed).
enum class Interpolation { kLinear, kArea, kCubic };
void resize(core::ImageView out, core::ConstImageView in, Interpolation interpolation = Interpolation::kLinear);

// analysis.md 4.2 step 1: shrinks to fit, never enlarges; the size may have a zero side (extreme aspect ratios).
core::Size restrict_size(core::Size size, core::Size limit);
// analysis.md 14.2: fits into `size` keeping the aspect ratio (enlarges too), black bars, centred. out has the wanted
// size.
void fit_contain(core::ImageView out, core::ConstImageView in);
void fit_cover(core::Image& out, core::ConstImageView in, core::Size size);

// Where the resized picture lies in the result: beyond its borders what is cut off.
struct Fit {
  core::Size resized;
  int left = 0;
  int top = 0;
};
Fit contain_fit(core::Size in, core::Size size);
Fit cover_fit(core::Size in, core::Size size);
// Of fit_cover's result: `size`, or less by what rounding takes from the resized picture.
core::Size cover_size(core::Size in, core::Size size);

// Throws Error(kFailed) where `in` cannot become that size in a picture like `out`.
void check_resize(core::ConstImageView out, core::ConstImageView in, core::Size resized);

}  // namespace facegraph::ops
