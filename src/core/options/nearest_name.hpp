// "Did you mean": for options, choices and commands that were almost right.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace facegraph::core {

// The name that is closest to what was written, or empty when none is close: at most a third of the letters (but two in
// any case) inserted, left out, replaced or swapped with a neighbour. Upper case and '_' against '-' count as no
// difference.
std::string nearest_name(std::string_view written, std::span<const std::string> names);

// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view written, std::span<const std::string> names);

}  // namespace facegraph::core
