// A file that is being fetched: "inswapper_128.onnx.part" beside its final name. What is fetched of it survives a
// failure.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/stop.hpp"

namespace facegraph::models {

std::filesystem::path part_path(const std::filesystem::path& path);

class PartFile {
 public:
  // Opens what is there of the file, or nothing. Waits for another process that fetches the same file. Throws
  // Error(kFailed) when the folder cannot be written to, Error(kStopped).
  PartFile(std::filesystem::path path, const core::StopToken& stop);
  // Removes an empty part.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return part_; }
  long long size() const { return size_; }
  // False: failure() says why.
  bool append(std::string_view bytes);
  const std::string& failure() const { return failure_; }
  void clear();
  // What lies under the final name becomes the part.
  void adopt(const core::StopToken& stop);
  // On the disk, then under its final name. Throws Error(kFailed).
  void publish();

 private:
  void open_when_free(const core::StopToken& stop);
  bool open_and_lock();

  std::filesystem::path path_;
  std::filesystem::path part_;
  int descriptor_ = -1;
  long long size_ = 0;
  bool published_ = false;
  std::string failure_;
};

}  // namespace facegraph::models
