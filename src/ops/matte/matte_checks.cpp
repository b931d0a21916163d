#include "ops/matte/matte_checks.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

std::size_t pixels_of(core::Size size) {
  return static_cast<std::size_t>(size.width) * size.height;
}

}  // namespace

void check_matte_frame(const char* what, core::ConstImageView frame) {
  if (frame.depth != core::Depth::kU8 || frame.channels != 3 || frame.empty()) {
    core::fail(core::ErrorCode::kFailed, "{}: frame {}x{} of {} channels, expected 8 bits and 3 channels", what,
               frame.width, frame.height, frame.channels);
  }
}

void check_matte_mask(const char* what, core::ConstImageView mask, core::Size size) {
  if (mask.depth != core::Depth::kU8 || mask.channels != 1 || mask.size() != size) {
    core::fail(core::ErrorCode::kFailed, "{}: mask {}x{} of {} channels, expected 8 bits, one channel, {}x{}", what,
               mask.width, mask.height, mask.channels, size.width, size.height);
  }
}

void check_matte(core::ConstImageView out, std::size_t elements) {
  check_matte_mask("matte_to_mask", out, out.size());
  if (elements != pixels_of(out.size())) {
    core::fail(core::ErrorCode::kFailed, "matte_to_mask: {} values, expected {} for a mask of {}x{}", elements,
               pixels_of(out.size()), out.width, out.height);
  }
}

void check_classes(core::ConstImageView out, std::size_t elements) {
  check_matte_mask("classes_to_mask", out, out.size());
  const std::size_t plane = pixels_of(out.size());
  if (plane == 0 || elements % plane != 0 || elements < 2 * plane) {
    core::fail(core::ErrorCode::kFailed, "classes_to_mask: {} values, expected several times {} for a mask of {}x{}",
               elements, plane, out.width, out.height);
  }
}

void check_hint(std::size_t elements, core::ConstImageView frame, core::Size size) {
  check_matte_frame("green_to_hint", frame);
  if (elements != pixels_of(size)) {
    core::fail(core::ErrorCode::kFailed, "green_to_hint: {} values, expected {}x{}", elements, size.width, size.height);
  }
}

}  // namespace facegraph::ops
