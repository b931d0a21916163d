// The tables of lab_formula.hpp. Made on the host; a GPU takes a copy.
#pragma once

#include <array>
#include <cstdint>

namespace facegraph::ops {

struct LabTables {
  std::array<std::uint16_t, 256> linear;          // of a level: light, 255 * 8 = full
  std::array<std::uint16_t, 3072> cube_root;      // of light, in 1/2^15
  std::array<std::uint16_t, 256> luminance;       // of a lightness: Y in 1/2^14
  std::array<std::uint16_t, 256> luminance_root;  // of a lightness: Y's root in 1/2^14
  std::array<std::uint8_t, 4096> level;           // of light in 1/4096
};

// Lightness, 100 = 2^14, of every 8th level; blue moves fastest, red slowest.
struct LightnessGrid {
  static constexpr int kSide = 33;
  std::array<std::uint16_t, kSide * kSide * kSide> values;
};

const LabTables& lab_tables();
const LightnessGrid& lightness_grid();

}  // namespace facegraph::ops
