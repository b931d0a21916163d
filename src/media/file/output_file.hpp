// A file that appears under its final name only when it is complete.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace facegraph::media {

// Owns the hidden file beside the final name (".name.partial-PID.ext": same folder, so the rename is atomic) until
// commit(); the destructor removes it.
class OutputFile {
 public:
  // Throws Error(kFailed) naming the folder: missing, not a folder, not writable; or the name is a folder.
  explicit OutputFile(std::filesystem::path final_path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::filesystem::path& partial() const { return partial_; }
  const std::filesystem::path& final_path() const { return final_; }
  void write(std::span<const std::byte> bytes);   // instead of what was written before
  void append(std::span<const std::byte> bytes);  // behind it
  void copy_from(const std::filesystem::path& source);
  // Flushes to the disk and renames. Throws Error(kFailed).
  void commit();

 private:
  void put(std::span<const std::byte> bytes, int flags);

  std::filesystem::path final_;
  std::filesystem::path partial_;
  bool committed_ = false;
};

// Renames within a file system so that it also holds after a power failure. Throws Error(kFailed).
void move_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes the unfinished files that processes which live no more left beside this final name.
void remove_abandoned_files(const std::filesystem::path& final_path);

// Removes every unfinished file of the process at once, for a program that ends now without unwinding: none can be
// begun or given up afterwards. Thread safe.
void discard_unfinished_files();

}  // namespace facegraph::media
