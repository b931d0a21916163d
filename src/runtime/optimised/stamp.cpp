#include "runtime/optimised/stamp.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "runtime/records/cache_file.hpp"

namespace facegraph::runtime {

namespace fs = std::filesystem;

namespace {

constexpr const char* kStamp = "stamp";

// One line for each file: its name, its size, when it was changed last.
std::string description_of(const fs::path& folder) {
  std::vector<std::string> lines;
  for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
    if (file.path().filename() != kStamp) {
      lines.push_back(fmt::format("{} {} {}\n", file.path().filename().string(), file.file_size(),
                                  file.last_write_time().time_since_epoch().count()));
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) {
    text += line;
  }
  return text;
}

void bring_onto_disk(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && (::fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP);  // some systems know none
  const int reason = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (!done) {
    throw std::system_error(reason, std::generic_category(), path.string());
  }
}

}  // namespace

void stamp(const fs::path& folder) {
  for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
    bring_onto_disk(file.path());
  }
  std::ofstream file(folder / kStamp, std::ios::binary);
  file << description_of(folder);
  file.close();
  if (!file) {
    throw std::system_error(errno, std::generic_category(), (folder / kStamp).string());
  }
}

bool is_stamped(const fs::path& folder) {
  try {
    const std::optional<std::string> noted = read_cache_file(folder / kStamp);
    return noted && !noted->empty() && *noted == description_of(folder);
  } catch (const fs::filesystem_error&) {
    return false;
  }
}

}  // namespace facegraph::runtime
