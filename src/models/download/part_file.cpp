#include "models/download/part_file.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.hpp"

namespace facegraph::models {

namespace fs = std::filesystem;

namespace {

constexpr auto kLockInterval = std::chrono::milliseconds(100);

std::string system_text(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void fail_writing(const fs::path& path, int error) {
  core::fail(core::ErrorCode::kFailed,
             "models: {} cannot be written: {}; make its folder writable, or set FACEGRAPH_MODELS_PATH to another",
             path.string(), system_text(error));
}

}  // namespace

fs::path part_path(const fs::path& path) {
  return fs::path(path) += ".part";
}

PartFile::PartFile(fs::path path, const core::StopToken& stop) : path_(std::move(path)), part_(part_path(path_)) {
  std::error_code error;
  fs::create_directories(path_.parent_path(), error);  // if it fails, so does opening
  open_when_free(stop);
}

void PartFile::open_when_free(const core::StopToken& stop) {
  while (!open_and_lock()) {
    stop.check();
    std::this_thread::sleep_for(kLockInterval);
  }
  size_ = lseek(descriptor_, 0, SEEK_END);
}

// False while another process has it, also when that one has just renamed or removed the file that was opened here.
bool PartFile::open_and_lock() {
  descriptor_ = open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    fail_writing(part_, errno);
  }
  struct stat opened {};
  struct stat named {};
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0 && fstat(descriptor_, &opened) == 0 &&
      stat(part_.c_str(), &named) == 0 && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) {
    return true;
  }
  close(descriptor_);
  descriptor_ = -1;
  return false;
}

PartFile::~PartFile() {
  if (descriptor_ < 0) {
    return;
  }
  if (!published_ && size_ == 0) {
    unlink(part_.c_str());
  }
  close(descriptor_);
}

bool PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      failure_ = part_.string() + " cannot be written: " + system_text(errno);
      return false;
    }
    size_ += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void PartFile::clear() {
  if (ftruncate(descriptor_, 0) != 0 || lseek(descriptor_, 0, SEEK_SET) != 0) {
    fail_writing(part_, errno);
  }
  size_ = 0;
}

void PartFile::adopt(const core::StopToken& stop) {
  if (rename(path_.c_str(), part_.c_str()) != 0) {
    fail_writing(part_, errno);
  }
  close(descriptor_);
  descriptor_ = -1;
  open_when_free(stop);
}

void PartFile::publish() {
  if (fsync(descriptor_) != 0 || rename(part_.c_str(), path_.c_str()) != 0) {
    fail_writing(path_, errno);
  }
  published_ = true;
  const int folder = open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
}

}  // namespace facegraph::models
