// tensor.hpp's arithmetic on single values, shared by the CPU loops and the GPU's programs, and its checks.
#pragma once

#include <cstdint>

#include "core/base/error.hpp"
#include "core/base/host_device.hpp"
#include "core/types/image.hpp"
#include "ops/geometry/warp_formula.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::ops {

constexpr int kTensorChannels = 3;

// Of the frame's BGR, the channel that becomes the output's `channel`; its own inverse.
FACEGRAPH_HD inline int source_channel(int channel, ChannelOrder order) {
  return order == ChannelOrder::kRgb ? 2 - channel : channel;
}

// NaN becomes `low`.
template <typename Real>
FACEGRAPH_HD Real clip_to(Real value, Real low, Real high) {
  return value > low ? (value < high ? value : high) : low;
}
template <typename Real>
FACEGRAPH_HD Real clip_to_one(Real value) {
  return clip_to<Real>(value, 0, 1);
}

FACEGRAPH_HD inline float standardised(float value, float mean, float deviation) {
  return (value / 255 - mean) / deviation;
}

// Network output to a value of the picture; mean and deviation: f64 alone.
FACEGRAPH_HD inline void image_value(float in, double, double, std::uint8_t& out) {
  out = static_cast<std::uint8_t>(clip_to_one(in) * 255);
}
FACEGRAPH_HD inline void image_value(float in, double, double, float& out) {
  out = clip_to_one(in) * 255;
}
FACEGRAPH_HD inline void image_value(float in, double mean, double deviation, double& out) {
  out = clip_to_one(in * deviation + mean) * 255;
}

FACEGRAPH_HD inline std::uint8_t picture_value(float in, Rounding rounding) {
  const float scaled = (clip_to(in, -1.0F, 1.0F) + 1) / 2 * 255;
  return static_cast<std::uint8_t>(rounding == Rounding::kDown ? scaled : static_cast<float>(round_half_even(scaled)));
}

FACEGRAPH_HD inline std::uint8_t interleaved_value(float in) {
  return static_cast<std::uint8_t>(clip_to(in * 255, 0.0F, 255.0F));
}

inline void check_tensor(std::size_t elements, core::ConstImageView image) {
  const std::size_t pixels = static_cast<std::size_t>(image.width) * image.height;
  if (image.channels != kTensorChannels || elements != pixels * kTensorChannels) {
    core::fail(core::ErrorCode::kFailed,
               "tensor: {} elements for a picture {}x{} of {} channels, expected 3 channels and {}", elements,
               image.width, image.height, image.channels, pixels * kTensorChannels);
  }
}

inline void check_picture(core::ConstImageView picture, std::size_t elements) {
  check_tensor(elements, picture);
  if (picture.depth != core::Depth::kU8) {
    core::fail(core::ErrorCode::kFailed, "tensor: picture is not 8-bit");
  }
}

inline void check_float_picture(core::ConstImageView picture, std::size_t elements) {
  check_tensor(elements, picture);
  if (picture.depth == core::Depth::kU8) {
    core::fail(core::ErrorCode::kFailed, "float_to_tensor: picture is 8-bit, expected float or double");
  }
}

inline void check_image(core::ConstImageView out, std::size_t elements, double mean, double standard_deviation) {
  check_tensor(elements, out);
  if (out.depth != core::Depth::kF64 && (mean != 0 || standard_deviation != 1)) {
    core::fail(core::ErrorCode::kFailed,
               "to_image: expected a double picture, or another one with mean 0 and deviation 1");
  }
}

// What becomes of a frame with its margins. small has a side of 0 where nothing is left of it.
struct LetterboxPlan {
  core::Size whole;
  core::Size small;
  LetterboxRatio ratio;

  bool is_empty() const { return small.width < 1 || small.height < 1; }
};
// Throws Error(kFailed) where frame or output are not what letterbox wants.
LetterboxPlan letterbox_plan(std::size_t elements, core::ConstImageView frame, const std::array<int, 4>& margin,
                             core::Size size);

}  // namespace facegraph::ops
