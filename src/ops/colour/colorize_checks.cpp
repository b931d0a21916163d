#include "ops/colour/colorize_checks.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

void check_colorize(const char* what, core::ConstImageView frame, std::size_t elements, core::Size size, int planes) {
  const std::size_t expected = static_cast<std::size_t>(size.width) * size.height * planes;
  if (frame.depth != core::Depth::kU8 || frame.channels != 3 || frame.empty() || elements != expected) {
    core::fail(core::ErrorCode::kFailed,
               "{}: frame {}x{} of {} channels and {} elements, expected 8 bits, 3 channels and {} elements", what,
               frame.width, frame.height, frame.channels, elements, expected);
  }
}

void check_coloured(const char* what, core::ConstImageView out, core::ConstImageView frame) {
  if (out.size() != frame.size() || out.channels != 3 || out.depth != core::Depth::kU8) {
    core::fail(core::ErrorCode::kFailed, "{}: result {}x{} of {} channels, expected the frame's {}x{} of 3", what,
               out.width, out.height, out.channels, frame.width, frame.height);
  }
}

}  // namespace facegraph::ops
