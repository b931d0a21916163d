#include "runtime/records/processor_key.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/core.h>

#include "core/base/digest.hpp"

namespace facegraph::runtime {

std::string processor_key() {
  std::ifstream file("/proc/cpuinfo");
  std::string name;
  std::string sets;
  for (std::string line; std::getline(file, line) && (name.empty() || sets.empty());) {
    const std::string value = line.substr(std::min(line.find(':'), line.size() - 1) + 1);
    if (line.starts_with("model name")) {
      name = value;
    } else if (line.starts_with("flags") || line.starts_with("Features")) {
      sets = value;
    }
  }
  return fmt::format("{} {}", name, core::sha1_of(sets).substr(0, 16));
}

}  // namespace facegraph::runtime
