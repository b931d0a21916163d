#include "ops/tile/tile_checks.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

void check_elements(const char* what, std::size_t elements, int side) {
  const std::size_t expected = std::size_t{3} * side * side;
  if (elements != expected) {
    core::fail(core::ErrorCode::kFailed, "{}: {} elements, expected {} for tiles of {}x{}", what, elements, expected,
               side, side);
  }
}

void check_frame(const char* what, core::ConstImageView frame) {
  if (frame.depth != core::Depth::kU8 || frame.channels != 3) {
    core::fail(core::ErrorCode::kFailed, "{}: frame of {} channels, expected 8 bits and 3 channels", what,
               frame.channels);
  }
}

}  // namespace

void check_tile_input(std::size_t elements, core::ConstImageView frame, int side) {
  check_elements("tile_to_tensor", elements, side);
  check_frame("tile_to_tensor", frame);
}

void check_tile_result(core::ConstImageView out, std::size_t elements, const Tile& tile, int side, int scale) {
  check_elements("tensor_to_core", elements, side * scale);
  check_frame("tensor_to_core", out);
  if (out.size() != core::Size{tile.width * scale, tile.height * scale}) {
    core::fail(core::ErrorCode::kFailed, "tensor_to_core: picture {}x{}, expected {}x{}", out.width, out.height,
               tile.width * scale, tile.height * scale);
  }
}

}  // namespace facegraph::ops
