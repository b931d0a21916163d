#include "media/file/temp_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"

namespace facegraph::media {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCommon = "facegraph";
constexpr std::string_view kRandom = "-XXXXXX";
constexpr std::string_view kLockExtension = ".facegraph";

std::mutex living_mutex;
std::set<fs::path> living;  // folders of all TempFolders; guarded by living_mutex

fs::path lock_of(const fs::path& folder) {
  return folder.parent_path() / fmt::format(".{}{}", folder.filename().string(), kLockExtension);
}

// None for what is no lock.
std::optional<fs::path> folder_of(const fs::path& lock) {
  std::error_code ignored;
  const std::string name = lock.filename().string();
  const std::size_t added = 1 + kLockExtension.size();
  if (!name.starts_with('.') || !name.ends_with(kLockExtension) || name.size() < added + kRandom.size() ||
      name[name.size() - kLockExtension.size() - kRandom.size()] != kRandom[0] ||
      !fs::is_regular_file(fs::symlink_status(lock, ignored))) {
    return std::nullopt;
  }
  return lock.parent_path() / name.substr(1, name.size() - added);
}

// Other threads may still be writing into the folder, faster than it can be emptied: it is renamed first, so that they
// find it no longer. The lock goes last: what is left by a process that dies in between is found again.
void remove_folder(const fs::path& path) {
  constexpr int kTries = 100;  // files that were just being made
  const fs::path doomed = path.string() + ".removed";
  std::error_code ignored;
  fs::remove_all(doomed, ignored);
  fs::rename(path, doomed, ignored);
  for (int i = 0; i < kTries && fs::exists(doomed, ignored); ++i) {
    fs::remove_all(doomed, ignored);
  }
  fs::remove_all(path, ignored);  // where it could not be renamed
  fs::remove(lock_of(path), ignored);
  fs::remove(path.parent_path(), ignored);  // the last one takes the common folder along
}

[[noreturn]] void fail_to_make(const fs::path& parent, const std::string& why) {
  core::fail(core::ErrorCode::kFailed, "{}: no folder for temporary files can be made there: {}", parent.string(), why);
}

// An empty file with a new name; none: the common folder has just been taken along by another process.
std::optional<fs::path> new_lock_file(const fs::path& parent, const std::string& name) {
  std::error_code error;
  fs::create_directories(parent / kCommon, error);
  if (error) {
    fail_to_make(parent, error.message());
  }
  std::string pattern = (parent / kCommon / fmt::format(".{}{}{}", name, kRandom, kLockExtension)).string();
  const int file = ::mkostemps(pattern.data(), static_cast<int>(kLockExtension.size()), O_CLOEXEC);
  if (file < 0 && errno != ENOENT) {
    fail_to_make(parent, std::strerror(errno));
  }
  if (file < 0) {
    return std::nullopt;
  }
  ::close(file);
  return pattern;
}

}  // namespace

TempFolder::TempFolder(const fs::path& parent, const std::string& name) {
  const std::lock_guard guard(living_mutex);
  while (!lock_) {
    if (const std::optional<fs::path> file = new_lock_file(parent, name)) {
      path_ = folder_of(*file).value();
      lock_ = FileLock::try_take(*file);  // none: taken for an abandoned one before it was locked
    }
  }
  std::error_code error;
  fs::create_directory(path_, error);
  if (error) {
    remove_folder(path_);
    fail_to_make(parent, error.message());
  }
  living.insert(path_);
}

TempFolder::~TempFolder() {
  const std::lock_guard guard(living_mutex);
  living.erase(path_);
  remove_folder(path_);
}

void remove_abandoned_temp_folders(const fs::path& parent) {
  std::error_code ignored;
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent / kCommon, ignored)) {
    if (const std::optional<fs::path> folder = folder_of(entry.path())) {
      folders.push_back(*folder);
    }
  }
  for (const fs::path& folder : folders) {
    try {
      if (FileLock::try_take(lock_of(folder))) {
        remove_folder(folder);
      }
    } catch (const core::Error& error) {
      core::log_debug("media", "{}", error.what());  // another user's
    }
  }
}

void discard_temp_folders() {
  living_mutex.lock();  // for good: a thread that fails because of this must not get to the end of the program first
  for (const fs::path& path : living) {
    remove_folder(path);
  }
}

}  // namespace facegraph::media
