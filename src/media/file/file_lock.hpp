// A lock on a file between processes. It goes with its holder, however that ends, and only one of the holders of a
// process's locks on the same file has it.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace facegraph::media {

class FileLock {
 public:
  // Both make the file if it is absent and throw Error(kFailed) when they cannot.
  static FileLock wait(const std::filesystem::path& path);
  // None: someone holds it, or has removed the file meanwhile.
  static std::optional<FileLock> try_take(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace facegraph::media
