#include "ops/mask/mask_tables.hpp"

#include "core/base/error.hpp"

namespace facegraph::ops {

namespace {

std::span<const int> points_of_area(FaceMaskArea area) {
  static constexpr std::array kUpperFace{0,  1,  2,  31, 32, 33, 34, 35, 14, 15, 16,
                                         26, 25, 24, 23, 22, 21, 20, 19, 18, 17};
  static constexpr std::array kLowerFace{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 35, 34, 33, 32, 31};
  static constexpr std::array kMouth{48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67};
  switch (area) {
    case FaceMaskArea::kUpperFace:
      return kUpperFace;
    case FaceMaskArea::kLowerFace:
      return kLowerFace;
    case FaceMaskArea::kMouth:
      return kMouth;
  }
  core::fail(core::ErrorCode::kFailed, "mask: unknown area {}", static_cast<int>(area));
}

// In the order of FaceMaskRegion.
constexpr std::array<int, 10> kRegionClasses{1, 2, 3, 4, 5, 6, 10, 11, 12, 13};

}  // namespace

AreaPoints points_of(std::span<const FaceMaskArea> areas) {
  std::array<bool, 68> is_used{};
  AreaPoints points;
  for (const FaceMaskArea area : areas) {
    for (const int index : points_of_area(area)) {
      if (!is_used[index]) {
        is_used[index] = true;
        points.indices[points.count++] = static_cast<std::uint8_t>(index);
      }
    }
  }
  return points;
}

std::uint32_t wanted_classes(std::span<const FaceMaskRegion> regions) {
  std::uint32_t wanted = 0;
  for (const FaceMaskRegion region : regions) {
    wanted |= 1U << kRegionClasses.at(static_cast<std::size_t>(region));
  }
  return wanted;
}

}  // namespace facegraph::ops
