#include "ops/colour/colour_checks.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

void check_contrast(core::ConstImageView crop) {
  if (crop.depth != core::Depth::kU8 || crop.channels != 3 || crop.empty()) {
    core::fail(core::ErrorCode::kFailed, "balance_contrast: crop {}x{} of {} channels, expected 8 bits and 3 channels",
               crop.width, crop.height, crop.channels);
  }
}

void check_alpha_frame(core::ConstImageView frame) {
  if (frame.depth != core::Depth::kU8 || (frame.channels != 3 && frame.channels != 4)) {
    core::fail(core::ErrorCode::kFailed, "alpha: frame has {} channels, expected an 8-bit frame of 3 or 4",
               frame.channels);
  }
}

void check_alpha_mask(core::ConstImageView frame, core::ConstImageView mask) {
  check_alpha_frame(frame);
  if (mask.depth != core::Depth::kU8 || mask.channels != 1 || mask.size() != frame.size()) {
    core::fail(core::ErrorCode::kFailed, "merge_alpha: mask {}x{} of {} channels, expected 8 bits, one channel, {}x{}",
               mask.width, mask.height, mask.channels, frame.width, frame.height);
  }
}

void check_alpha_result(core::ConstImageView out, core::ConstImageView frame, int channels) {
  check_alpha_frame(frame);
  if (out.depth != core::Depth::kU8 || out.channels != channels || out.size() != frame.size()) {
    core::fail(core::ErrorCode::kFailed, "alpha: result {}x{} of {} channels, expected 8 bits, {}x{} of {}", out.width,
               out.height, out.channels, frame.width, frame.height, channels);
  }
}

void check_yuv420(const YuvPlanes& out, core::ConstImageView bgr) {
  const core::Size half{bgr.width / 2, bgr.height / 2};
  if (bgr.channels != 3 || bgr.depth != core::Depth::kU8 || bgr.width % 2 != 0 || bgr.height % 2 != 0 ||
      out.y.size() != bgr.size() || out.u.size() != half || out.v.size() != half) {
    core::fail(core::ErrorCode::kFailed,
               "bgr_to_yuv420: picture {}x{} of {} channels, expected 8 bits, 3 channels, even sides and planes to fit",
               bgr.width, bgr.height, bgr.channels);
  }
}

void check_decoded(core::ConstImageView bgr, core::Size decoded) {
  if (bgr.channels != 3 || bgr.depth != core::Depth::kU8 || bgr.size() != decoded || decoded.width % 2 != 0 ||
      decoded.height % 2 != 0) {
    core::fail(core::ErrorCode::kFailed,
               "yuv_to_bgr: result {}x{} of {} channels, expected 8 bits, 3 channels, {}x{} with even sides", bgr.width,
               bgr.height, bgr.channels, decoded.width, decoded.height);
  }
}

}  // namespace facegraph::ops
