#include "jobs/store/run_record.hpp"

#include <cerrno>
#include <cstring>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "media/file/output_file.hpp"

namespace facegraph::jobs {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr mode_t kMode = 0666;  // less the user's mask

// Paths may be any bytes; JSON takes only some.
std::string to_hex(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return hex;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return true;
}

void append_durably(const fs::path& path, std::string_view line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
  const bool written = file >= 0 && write_all(file, line) && ::fdatasync(file) == 0;
  const int error = errno;
  if (file >= 0) {
    ::close(file);
  }
  if (!written) {
    core::fail(core::ErrorCode::kFailed, "{}: cannot be written: {}", path.string(), std::strerror(error));
  }
}

}  // namespace

RunRecord::RunRecord(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  if (!fs::exists(list(), error) && !error) {
    return;
  }
  std::istringstream file(core::read_file(list()));
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line, nullptr, false);
    try {
      steps_[json.at("index")] = {json.at("fingerprint"), from_hex(json.at("file")), json.at("digest")};
    } catch (const std::exception&) {
      continue;  // the last line of a process that was killed while it wrote
    }
  }
}

void RunRecord::set(std::size_t index, const Step& step) {
  const Json json{{"index", index},
                  {"fingerprint", step.fingerprint},
                  {"file", to_hex(step.file.string())},
                  {"digest", step.digest}};
  // Begins with a line break: what a killed process left of a line must not swallow this one.
  append_durably(list(), fmt::format("\n{}\n", json.dump()));
  steps_[index] = step;
}

fs::path RunRecord::step_folder(std::size_t index) const {
  return folder_ / fmt::format("step-{}", index);
}

void RunRecord::discard_step_folder(std::size_t index) const {
  std::error_code ignored;
  fs::remove_all(step_folder(index), ignored);
}

bool RunRecord::holds(std::size_t index, const std::string& fingerprint) const {
  const auto found = steps_.find(index);
  if (found == steps_.end() || found->second.digest.empty() || found->second.fingerprint != fingerprint) {
    return false;
  }
  std::error_code error;
  return fs::is_regular_file(found->second.file, error) &&
         core::sha256_of_file(found->second.file) == found->second.digest;
}

void RunRecord::discard() {
  for (const auto& [index, step] : steps_) {
    std::error_code ignored;
    fs::remove(step.file, ignored);
    if (step.digest.empty()) {  // a finished step has left none, and looking costs as much as the folder has files
      media::remove_abandoned_files(step.file);
    }
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  steps_.clear();
}

}  // namespace facegraph::jobs
