#include "media/file/file_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

constexpr mode_t kMode = 0666;  // less the user's mask

int opened(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor < 0) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be opened: {}", path.string(), std::strerror(errno));
  }
  return descriptor;
}

// False when it would have to wait.
bool locked(int descriptor, int operation, const std::filesystem::path& path) {
  int result = 0;
  do {
    result = ::flock(descriptor, operation);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EWOULDBLOCK) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be locked: {}", path.string(), std::strerror(errno));
  }
  return result == 0;
}

// A lock on a file that no name leads to any more keeps nobody away.
bool has_name(int descriptor) {
  struct stat file = {};
  return ::fstat(descriptor, &file) == 0 && file.st_nlink > 0;
}

}  // namespace

FileLock FileLock::wait(const std::filesystem::path& path) {
  while (true) {
    FileLock lock(opened(path));
    locked(lock.descriptor_, LOCK_EX, path);
    if (has_name(lock.descriptor_)) {
      return lock;
    }
  }
}

std::optional<FileLock> FileLock::try_take(const std::filesystem::path& path) {
  FileLock lock(opened(path));
  const bool taken = locked(lock.descriptor_, LOCK_EX | LOCK_NB, path) && has_name(lock.descriptor_);
  return taken ? std::optional(std::move(lock)) : std::nullopt;
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace facegraph::media
