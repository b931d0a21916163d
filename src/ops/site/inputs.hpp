// What analysers make of pictures before a network sees them, on a site: as site.hpp's operators.
#pragma once

#include <array>
#include <span>

#include "ops/site/site.hpp"

namespace facegraph::ops {

// ratio and the result are known at once: sizes decide them.
bool letterbox(const device::Site& site, std::span<float> out, LetterboxRatio& ratio, core::ConstImageView frame,
               std::array<int, 4> margin, core::Size size, const SiteTable& table);

}  // namespace facegraph::ops
