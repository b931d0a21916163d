// Small readers that several option structs of analysers and processors share.
#pragma once

#include <array>
#include <string>

#include "core/options/option.hpp"
#include "core/types/image.hpp"

namespace facegraph::analysers {

// "640x480"; the text has passed a choice list.
core::Size unpack_size(const std::string& text);

// One to four percentages in CSS order, expanded to top, right, bottom, left.
std::array<int, 4> sides(const core::OptionValues& values, const std::string& name);

}  // namespace facegraph::analysers
