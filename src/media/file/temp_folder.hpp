// A folder for files that are of no use after the run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "media/file/file_lock.hpp"

namespace facegraph::media {

// Owns PARENT/facegraph/NAME-XXXXXX, unlike any other folder, and removes it with everything in it. A locked file
// beside it, .NAME-XXXXXX.facegraph, tells others that its owner lives.
class TempFolder {
 public:
  // Throws Error(kFailed): cannot be made.
  TempFolder(const std::filesystem::path& parent, const std::string& name);
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::optional<FileLock> lock_;
};

// Removes the folders below the parent whose owners were killed. Those of living processes stay, and everything else.
void remove_abandoned_temp_folders(const std::filesystem::path& parent);

// Removes every such folder of the process at once, for a program that ends now without unwinding: none can be made or
// given up afterwards. Thread safe.
void discard_temp_folders();

}  // namespace facegraph::media
