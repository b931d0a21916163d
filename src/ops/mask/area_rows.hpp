// What an area mask covers before it is softened, found on the host: few enough numbers to be a kernel's argument.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "ops/mask/mask.hpp"

namespace facegraph::ops {

struct AreaRows {
  static constexpr int kMost = 2048;

  // The pixels first .. last of a row; none where last < first.
  struct Row {
    std::int16_t first;
    std::int16_t last;
  };
  std::array<Row, kMost> rows;  // as many as the mask has
};

// landmark: in the mask's coordinates. Throws Error(kFailed) for masks of more than kMost pixels a side.
AreaRows area_rows(core::Size size, const core::Landmark68& landmark, std::span<const FaceMaskArea> areas);

}  // namespace facegraph::ops
