#include "runtime/records/content_key.hpp"

#include <fstream>
#include <system_error>

#include <fmt/core.h>

namespace facegraph::runtime {

namespace fs = std::filesystem;

std::string content_key(const fs::path& model) {
  std::error_code missing;
  const std::uintmax_t bytes = fs::file_size(model, missing);
  if (missing) {
    return {};
  }
  std::ifstream file(fs::path(model).replace_extension(".hash"));
  std::string hash;
  if (file >> hash && hash.size() == 8) {
    return hash;
  }
  return fmt::format("{}-{}", bytes, fs::last_write_time(model, missing).time_since_epoch().count());
}

}  // namespace facegraph::runtime
