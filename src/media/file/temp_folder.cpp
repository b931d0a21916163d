#include "media/file/temp_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>

#include "core/base/error.hpp"

namespace facegraph::media {
namespace {

namespace fs = std::filesystem;

std::mutex living_mutex;
std::set<fs::path> living;  // folders of all TempFolders; guarded by living_mutex

void remove_folder(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
  fs::remove(path.parent_path(), ignored);  // the last one takes the common folder along
}

}  // namespace

TempFolder::TempFolder(const fs::path& parent, const std::string& name) {
  const fs::path common = parent / "facegraph";
  std::error_code error;
  fs::create_directories(common, error);
  std::string pattern = (common / (name + "-XXXXXX")).string();
  const std::lock_guard lock(living_mutex);
  if (error || mkdtemp(pattern.data()) == nullptr) {
    core::fail(core::ErrorCode::kFailed, "{}: no folder for temporary files can be made there: {}", parent.string(),
               error ? error.message() : std::strerror(errno));
  }
  path_ = pattern;
  living.insert(path_);
}

TempFolder::~TempFolder() {
  const std::lock_guard lock(living_mutex);
  living.erase(path_);
  remove_folder(path_);
}

void discard_temp_folders() {
  const std::lock_guard lock(living_mutex);
  for (const fs::path& path : living) {
    remove_folder(path);
  }
}

}  // namespace facegraph::media
