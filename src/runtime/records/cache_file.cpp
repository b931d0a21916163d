#include "runtime/records/cache_file.hpp"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

namespace facegraph::runtime {

namespace fs = std::filesystem;

namespace {

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (value_ < 0) {
      throw std::system_error(errno, std::generic_category(), path.string());
    }
  }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

void write_whole(const fs::path& path, std::string_view text) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  while (!text.empty()) {
    const ssize_t written = ::write(file.value(), text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), path.string());
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  if (::fsync(file.value()) != 0 && errno != EINVAL && errno != ENOTSUP) {  // some file systems know no fsync
    throw std::system_error(errno, std::generic_category(), path.string());
  }
}

}  // namespace

std::optional<std::string> read_cache_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

void change_cache_file(const fs::path& path, const std::function<std::string(const std::string&)>& change) {
  fs::create_directories(path.parent_path());
  const Descriptor folder(path.parent_path(), O_RDONLY | O_DIRECTORY);
  ::flock(folder.value(), LOCK_EX);  // let go with the descriptor; without it the last writer wins
  const fs::path part = fmt::format("{}.{}.part", path.string(), ::getpid());
  try {
    write_whole(part, change(read_cache_file(path).value_or("")));
    fs::rename(part, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
  ::fsync(folder.value());
}

}  // namespace facegraph::runtime
