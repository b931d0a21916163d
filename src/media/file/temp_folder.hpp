// A folder for files that are of no use after the run.
#pragma once

#include <filesystem>
#include <string>

namespace facegraph::media {

// Owns PARENT/facegraph/NAME-XXXXXX, unlike any other folder, and removes it with everything in it.
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
};

// Removes every such folder of the process at once: for a program that has to end without unwinding. Thread safe.
void discard_temp_folders();

}  // namespace facegraph::media
