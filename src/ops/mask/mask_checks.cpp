#include "ops/mask/mask_checks.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

void check_mask(core::ConstImageView mask) {
  if (mask.depth != core::Depth::kF32 || mask.channels != 1 || mask.empty()) {
    core::fail(core::ErrorCode::kFailed, "mask: {}x{} of {} channels, expected one float channel", mask.width,
               mask.height, mask.channels);
  }
}

void check_mask_size(core::ConstImageView mask, core::Size size) {
  check_mask(mask);
  if (mask.size() != size) {
    core::fail(core::ErrorCode::kFailed, "mask: {}x{} combined with {}x{}, expected equal sizes", size.width,
               size.height, mask.width, mask.height);
  }
}

std::size_t check_logits(std::size_t logits, core::Size parser_size) {
  const std::size_t plane = static_cast<std::size_t>(parser_size.width) * parser_size.height;
  if (plane == 0 || logits == 0 || logits % plane != 0) {
    core::fail(core::ErrorCode::kFailed, "region mask: {} logits, expected a multiple of {}x{}", logits,
               parser_size.width, parser_size.height);
  }
  return logits / plane;
}

}  // namespace facegraph::ops
