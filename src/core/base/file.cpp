#include "core/base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.hpp"

namespace facegraph::core {
namespace {

constexpr std::size_t kBlock = 1 << 12;

[[noreturn]] void fail_to_read(const std::filesystem::path& path, int error) {
  fail(ErrorCode::kFailed, "{}: cannot be read: {}", path.string(), std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (value_ < 0) {
      fail_to_read(path, errno);
    }
  }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file(path);
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  std::string bytes(unknown ? kBlock : static_cast<std::size_t>(size) + 1, '\0');
  std::size_t filled = 0;
  while (true) {
    const ssize_t count = ::read(file.value(), bytes.data() + filled, bytes.size() - filled);
    if (count == 0) {
      break;
    }
    if (count < 0 && errno != EINTR) {
      fail_to_read(path, errno);
    }
    filled += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    if (filled == bytes.size()) {
      bytes.resize(2 * filled);  // it grows meanwhile, or tells no size
    }
  }
  bytes.resize(filled);
  return bytes;
}

std::uintmax_t size_or_zero(const std::filesystem::path& path) {
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  return unknown ? 0 : size;
}

}  // namespace facegraph::core
