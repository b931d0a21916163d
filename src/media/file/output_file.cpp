#include "media/file/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

constexpr mode_t kMode = 0666;  // less the user's mask

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, kMode)) {}
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

[[noreturn]] void fail_to_write(const std::filesystem::path& path, int error) {
  core::fail(core::ErrorCode::kFailed, "{}: cannot be written: {}", path.string(), std::strerror(error));
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// The partial files of all living OutputFiles.
std::mutex unfinished_mutex;
std::set<std::filesystem::path> unfinished;  // guarded by unfinished_mutex

}  // namespace

void discard_unfinished_files() {
  const std::lock_guard lock(unfinished_mutex);
  for (const std::filesystem::path& path : unfinished) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
}

OutputFile::OutputFile(std::filesystem::path final_path) : final_(std::move(final_path)) {
  const std::filesystem::path folder = folder_of(final_);
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    core::fail(core::ErrorCode::kFailed, "{}: the folder {} does not exist", final_.string(), folder.string());
  }
  if (std::filesystem::is_directory(final_, error)) {
    core::fail(core::ErrorCode::kFailed, "{}: is a folder, a file name is expected", final_.string());
  }
  partial_ = folder / fmt::format(".{}.partial-{}{}", final_.stem().string(), ::getpid(), final_.extension().string());
  const std::lock_guard lock(unfinished_mutex);
  const Descriptor file(partial_, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.value() < 0) {
    core::fail(core::ErrorCode::kFailed, "{}: the folder {} is not writable: {}", final_.string(), folder.string(),
               std::strerror(errno));
  }
  unfinished.insert(partial_);
}

OutputFile::~OutputFile() {
  const std::lock_guard lock(unfinished_mutex);
  unfinished.erase(partial_);
  if (!committed_) {
    std::error_code ignored;
    std::filesystem::remove(partial_, ignored);
  }
}

void OutputFile::write(std::span<const std::byte> bytes) {
  const Descriptor file(partial_, O_WRONLY | O_TRUNC);
  if (file.value() < 0) {
    fail_to_write(final_, errno);
  }
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.value(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      fail_to_write(final_, errno);
    }
    bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

void OutputFile::copy_from(const std::filesystem::path& source) {
  std::error_code error;
  std::filesystem::copy_file(source, partial_, std::filesystem::copy_options::overwrite_existing, error);
  if (error) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be written from {}: {}", final_.string(), source.string(),
               error.message());
  }
}

void OutputFile::commit() {
  {
    const Descriptor file(partial_, O_RDONLY);
    // Some file systems know no fsync; real write errors come as EIO, ENOSPC or EDQUOT.
    if (file.value() < 0 || (::fsync(file.value()) != 0 && errno != EINVAL && errno != ENOTSUP)) {
      fail_to_write(final_, errno);
    }
  }
  if (::rename(partial_.c_str(), final_.c_str()) != 0) {
    fail_to_write(final_, errno);
  }
  committed_ = true;
}

}  // namespace facegraph::media
