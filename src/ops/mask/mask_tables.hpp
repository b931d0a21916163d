// Which landmarks make an area, which of the parser's classes a region. spec: analysis.md 11.3, 11.4
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ops/mask/mask.hpp"

namespace facegraph::ops {

// Of the 68 points, those of the areas, each once.
struct AreaPoints {
  int count = 0;
  std::array<std::uint8_t, 68> indices{};
};
AreaPoints points_of(std::span<const FaceMaskArea> areas);

// Bit i: class i is wanted.
std::uint32_t wanted_classes(std::span<const FaceMaskRegion> regions);

}  // namespace facegraph::ops
