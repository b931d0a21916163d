// The steps of a shrunk mask (mask.hpp) as programs, for who runs other programs beside them: each step alone is too
// small for a GPU.
#pragma once

#include <span>

#include "ops/mask/mask_pixels.hpp"

namespace facegraph::ops {

// One after the other, over all pixels of the mask.
struct ShrinkPrograms {
  core::Size size;
  ErodePixels erode;
  BlurMaskRows<MaskValues> rows;
  BlurMaskColumns columns;
};

// What comes out equals shrunk_mask(combine_masks(masks)) as finish_mask equals its CPU half (mask_cuda.hpp). out and
// rows (scratch): f32 planes of the masks' size; out is none of the masks. Error(kFailed) for others.
ShrinkPrograms shrink_programs(core::ImageView out, core::ImageView rows, std::span<const core::ConstImageView> masks);

}  // namespace facegraph::ops
