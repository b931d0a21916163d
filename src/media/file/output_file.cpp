#include "media/file/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
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

std::string partial_stem(const std::filesystem::path& path) {
  return fmt::format(".{}.partial-", path.stem().string());
}

// A rename is on the disk when its folder is.
void flush_folder(const std::filesystem::path& folder) {
  const Descriptor file(folder, O_RDONLY | O_DIRECTORY);
  if (file.value() >= 0) {
    ::fsync(file.value());  // refused by some file systems; there is nothing more to be done
  }
}

bool lives(const std::string& pid) {
  return ::kill(static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10)), 0) == 0 || errno != ESRCH;
}

// The partial files of all living OutputFiles.
std::mutex unfinished_mutex;
std::set<std::filesystem::path> unfinished;  // guarded by unfinished_mutex

}  // namespace

void discard_unfinished_files() {
  unfinished_mutex.lock();  // for good: no thread may begin another one
  for (const std::filesystem::path& path : unfinished) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
}

void move_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    fail_to_write(to, errno);
  }
  flush_folder(folder_of(to));
  if (folder_of(from) != folder_of(to)) {
    flush_folder(folder_of(from));
  }
}

void remove_abandoned_files(const std::filesystem::path& final_path) {
  const std::string start = partial_stem(final_path);
  const std::string end = final_path.extension().string();
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(final_path), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(start) || !name.ends_with(end) || name.size() <= start.size() + end.size()) {
      continue;
    }
    const std::string pid = name.substr(start.size(), name.size() - start.size() - end.size());
    if (pid.find_first_not_of("0123456789") == std::string::npos && !lives(pid)) {
      std::filesystem::remove(entry.path(), ignored);
    }
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
  partial_ = folder / (partial_stem(final_) + std::to_string(::getpid()) + final_.extension().string());
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
  put(bytes, O_TRUNC);
}

void OutputFile::append(std::span<const std::byte> bytes) {
  put(bytes, O_APPEND);
}

void OutputFile::put(std::span<const std::byte> bytes, int flags) {
  const Descriptor file(partial_, O_WRONLY | flags);
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
  move_durably(partial_, final_);
  committed_ = true;
}

}  // namespace facegraph::media
