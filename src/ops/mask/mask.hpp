// Masks of crops: f32, one channel, 0..1. spec: analysis.md section 11.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/types/face.hpp"
#include "core/types/image.hpp"

namespace facegraph::ops {

// 11.1; padding in percent: top, right, bottom, left.
core::Image box_mask(core::Size size, double blur, std::array<int, 4> padding);
// The common finish: GaussianBlur sigma 5 of the clipped mask, then (clip(., 0.5, 1) - 0.5) * 2.
core::Image finish_mask(core::ConstImageView mask);
// 11.2: network outputs 256x256 f32 (one per occluder), clipped, resized, minimum, finish.
core::Image occlusion_mask(std::span<const core::ConstImageView> outputs, core::Size size);

enum class FaceMaskArea : std::uint8_t { kUpperFace, kLowerFace, kMouth };
enum class FaceMaskRegion : std::uint8_t {
  kSkin,
  kLeftEyebrow,
  kRightEyebrow,
  kLeftEye,
  kRightEye,
  kGlasses,
  kNose,
  kMouth,
  kUpperLip,
  kLowerLip,
};
// 11.3; landmark in crop coordinates. No area: zeros (the reference fails there).
core::Image area_mask(core::Size size, const core::Landmark68& landmark, std::span<const FaceMaskArea> areas);
// 11.4 after the parser: logits [classes, 512, 512] -> mask of `size`.
core::Image region_mask(core::Size size, std::span<const float> logits, core::Size parser_size,
                        std::span<const FaceMaskRegion> regions);
// Element-wise minimum, clipped to 0..1; no masks: ones (the reference fails there).
core::Image combine_masks(std::span<const core::ConstImageView> masks, core::Size size);
// A network's own mask, drawn in by two pixels and softened. spec: face-processors.md 6.4
core::Image shrunk_mask(core::ConstImageView mask);
// 0..1 to u8 0..255, the fraction dropped. spec: face-processors.md 9.3
core::Image quantised(core::ConstImageView mask);

}  // namespace facegraph::ops
