#include "models/store/store.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <zlib.h>

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "models/catalogue/model_set.hpp"

namespace facegraph::models {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kReadAtOnce = 8;

std::string read_hash(const fs::path& path) {
  std::istringstream stream(core::read_file(path));
  std::string text;
  stream >> text;  // the reference compares without trimming; a trailing newline is harmless
  return text;
}

// What is wrong with the file, or nothing.
std::optional<std::string> defect_of(const fs::path& path, bool hash_optional) {
  const fs::path hash_path = fs::path(path).replace_extension(".hash");
  if (!fs::is_regular_file(path)) {
    return fmt::format("{} is missing", path.filename().string());
  }
  if (!fs::is_regular_file(hash_path)) {
    if (hash_optional) {
      return std::nullopt;
    }
    return fmt::format("{} is missing", hash_path.filename().string());
  }
  const std::string expected = read_hash(hash_path);
  const std::string found = fmt::format("{:08x}", file_crc32(path));
  if (expected != found) {
    return fmt::format("{} is broken (CRC-32 {}, expected {})", path.filename().string(), found, expected);
  }
  core::log_debug("models", "{} is valid", path.filename().string());
  return std::nullopt;
}

}  // namespace

std::uint32_t file_crc32(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    core::fail(core::ErrorCode::kFailed, "models: {} cannot be read", path.string());
  }
  std::vector<char> block(1 << 20);
  uLong crc = crc32(0, nullptr, 0);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) {
    crc = crc32(crc, reinterpret_cast<const Bytef*>(block.data()), static_cast<uInt>(stream.gcount()));
  }
  if (stream.bad()) {
    core::fail(core::ErrorCode::kFailed, "models: {} cannot be read: {}", path.string(), std::strerror(errno));
  }
  return static_cast<std::uint32_t>(crc);
}

Store Store::standard() {
  if (const char* folder = std::getenv("FACEGRAPH_MODELS_PATH"); folder != nullptr && *folder != '\0') {
    return Store(folder);
  }
  return Store(installation_root() / ".assets" / "models");
}

fs::path Store::path(const ModelFile& file) const {
  return (is_embedded(file) ? embedded_ : folder_) / file.file_name();
}

std::vector<Defect> Store::defects(std::span<const ModelFile> files) const {
  std::vector<std::optional<std::string>> texts(files.size());
  std::atomic<std::size_t> next{0};
  const auto check = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      texts[i] = defect_of(path(files[i]), files[i].hash_optional);
    }
  };
  std::vector<std::future<void>> checks;
  for (std::size_t i = 0; i < std::min<std::size_t>(files.size(), kReadAtOnce); ++i) {
    checks.push_back(std::async(std::launch::async, check));
  }
  for (std::future<void>& done : checks) {
    done.get();
  }
  std::vector<Defect> found;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (texts[i]) {
      found.push_back({files[i], *texts[i]});
    }
  }
  return found;
}

void Store::report(const std::vector<Defect>& defects, const std::string& why) const {
  if (defects.empty()) {
    return;
  }
  std::string texts;
  bool official = false;
  for (const Defect& defect : defects) {
    texts += (texts.empty() ? "" : ", ") + defect.text;
    official |= !is_embedded(defect.file);
  }
  if (!official) {
    core::fail(core::ErrorCode::kFailed, "models: {}; install facegraph again: its own models belong into {}", texts,
               embedded_.string());
  }
  core::fail(core::ErrorCode::kFailed,
             "models: {}; {}{}put the files with their .hash siblings into {} or set FACEGRAPH_MODELS_PATH; or go on "
             "with the models that come with facegraph: --model-set embedded",
             texts, why, why.empty() ? "" : "; ", folder_.string());
}

fs::path embedded_folder() {
  return installation_root() / "models" / "embedded";
}

fs::path installation_root() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path share = program.parent_path().parent_path() / "share" / "facegraph";
  if (program.parent_path().filename() == "bin" && fs::is_directory(share, ignored)) {
    return share;
  }
  return FACEGRAPH_SOURCE_ROOT;
}

}  // namespace facegraph::models
