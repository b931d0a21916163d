#include "analysers/shared/options.hpp"

#include <algorithm>

namespace facegraph::analysers {

core::Size unpack_size(const std::string& text) {
  const std::size_t cross = text.find('x');
  return {std::stoi(text.substr(0, cross)), std::stoi(text.substr(cross + 1))};
}

std::array<int, 4> sides(const core::OptionValues& values, const std::string& name) {
  const std::vector<long long> expanded = core::expand_sides(name, values.integers(name));
  std::array<int, 4> result{};
  std::transform(expanded.begin(), expanded.end(), result.begin(),
                 [](long long value) { return static_cast<int>(value); });
  return result;
}

}  // namespace facegraph::analysers
