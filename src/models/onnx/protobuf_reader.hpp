// Walks a protobuf file field by field, without reading what is not asked for: model files have gigabytes. Internal to
// this folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace facegraph::models {

// A message within the file: [position, end).
struct Extent {
  std::uint64_t position = 0;
  std::uint64_t end = 0;
};

// One field of a message: a number, or the extent of its bytes.
struct Field {
  int number = 0;
  std::uint64_t value = 0;
  Extent bytes;
};

// Throws Error(kFailed) naming the file when it cannot be read or is damaged.
class ProtobufReader {
 public:
  explicit ProtobufReader(const std::filesystem::path& path);

  Extent whole() const { return {0, size_}; }
  // The next field of the message, which is consumed; none at its end.
  std::optional<Field> next(Extent& message);
  std::uint64_t varint(Extent& message);
  std::vector<char> read(const Extent& extent);
  std::string text(const Extent& extent);

  [[noreturn]] void damaged() const;

 private:
  Extent take(Extent& message, std::uint64_t length);

  std::string name_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

}  // namespace facegraph::models
