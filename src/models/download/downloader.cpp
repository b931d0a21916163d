#include "models/download/downloader.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "models/catalogue/identity.hpp"
#include "models/download/part_file.hpp"
#include "models/download/receivers.hpp"
#include "models/store/store.hpp"

namespace facegraph::models {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHashFileLimit = 64;
constexpr auto kStopInterval = std::chrono::milliseconds(50);

// What makes a file another one than the published, or nothing. No hash: none is published.
std::string difference(const fs::path& path, const std::string& hash, const Identity* identity) {
  if (hash.empty()) {
    return fs::file_size(path) > 0 ? "" : "it is empty";
  }
  if (const std::string found = fmt::format("{:08x}", file_crc32(path)); found != hash) {
    return fmt::format("CRC-32 {}, expected {}", found, hash);
  }
  if (identity != nullptr) {
    if (const std::string found = core::sha256_of_file(path); found != identity->sha256) {
      return fmt::format("SHA-256 {}, expected {}", found, identity->sha256);
    }
  }
  return "";
}

void pause(std::chrono::milliseconds duration, const core::StopToken& stop) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
    stop.check();
    std::this_thread::sleep_for(std::min(duration, kStopInterval));
  }
}

void write_hash(const fs::path& path, const std::string& hash, const core::StopToken& stop) {
  PartFile file(path, stop);
  file.clear();
  if (!file.append(hash)) {
    core::fail(core::ErrorCode::kFailed, "models: {}", file.failure());
  }
  file.publish();
}

}  // namespace

struct Downloader::Wanted {
  std::string release;
  fs::path path;
  bool hashed;
  const Identity* identity;
  FileCount& count;

  fs::path hash_path() const { return fs::path(path).replace_extension(".hash"); }
  std::string name() const { return path.filename().string(); }
};

long long announced_bytes(const ModelFile& file) {
  const Identity* identity = identity_of(file);
  return identity == nullptr ? 0 : identity->bytes;
}

Downloader::Downloader(const DownloadOptions& options, Reachability& reachability, const core::StopToken& stop,
                       core::Progress& progress)
    : sources_(sources_of(options.providers)),
      limits_(options.limits),
      reachability_(reachability),
      stop_(stop),
      progress_(progress) {}

bool Downloader::reachable() const {
  return reachability_.first(sources_, limits_, stop_).has_value();
}

std::string Downloader::addresses() const {
  std::vector<std::string> bases;
  for (const Source& source : sources_) {
    bases.push_back(source.base);
  }
  return fmt::format("{}", fmt::join(bases, ", "));
}

void Downloader::fetch_model(const ModelFile& file, const fs::path& path) const {
  FileCount count(progress_, announced_bytes(file));
  fetch({file.release, path, true, identity_of(file), count});
}

void Downloader::fetch_example(const std::string& release, const fs::path& path) const {
  FileCount count(progress_, 0);
  fetch({release, path, false, nullptr, count});
}

void Downloader::fetch(const Wanted& wanted) const {
  std::string reasons;
  std::span<const Source> left = sources_;
  while (const auto next = reachability_.first(left, limits_, stop_)) {
    const Source& source = left[*next];
    const std::string reason = try_source(source, wanted);
    if (reason.empty()) {
      core::log_info("download", "{} fetched from {}", wanted.name(), source.base);
      return;
    }
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : ", ", source.base, reason);
    left = left.subspan(*next + 1);
  }
  core::fail(core::ErrorCode::kFailed, "{} ({})", wanted.name(), reasons.empty() ? "no address answers" : reasons);
}

// Why this source does not have the file, or nothing.
std::string Downloader::try_source(const Source& source, const Wanted& wanted) const {
  std::string hash;
  if (wanted.hashed) {
    const std::string name = wanted.hash_path().filename().string();
    TextReceiver receiver(kHashFileLimit);
    const Transfer last = repeated([&] {
      receiver.clear();
      return transfer(source.url(wanted.release, name), 0, receiver, limits_, stop_);
    });
    if (last.state != TransferState::kDone && last.state != TransferState::kNotTaken) {
      return fmt::format("{}: {}", name, last.reason);
    }
    hash = receiver.text();
    if (hash.size() != 8 || hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
      return fmt::format("{} holds no CRC-32", name);
    }
  }
  return fetch_content(source.url(wanted.release, wanted.name()), wanted, hash);
}

std::string Downloader::fetch_content(const std::string& url, const Wanted& wanted, const std::string& hash) const {
  PartFile part(wanted.path, stop_);
  if (wanted.hashed && fs::is_regular_file(wanted.path)) {
    if (difference(wanted.path, hash, nullptr).empty()) {  // another process was quicker, or only the hash was missing
      wanted.count.expect(0);
      write_hash(wanted.hash_path(), hash, stop_);
      return "";
    }
    if (part.size() == 0) {
      part.adopt(stop_);
    }
  }
  PartReceiver receiver(part, wanted.count);
  while (true) {
    bool resumed = false;
    const Transfer last = repeated([&] {
      resumed |= part.size() > 0;
      return transfer(url, part.size(), receiver, limits_, stop_);
    });
    if (last.state == TransferState::kNotTaken) {
      core::fail(core::ErrorCode::kFailed, "models: {}", part.failure());
    }
    if (last.state == TransferState::kRefused || last.state == TransferState::kBroken) {
      return last.reason;
    }
    const std::string wrong = difference(part.path(), hash, wanted.identity);
    if (wrong.empty()) {
      if (wanted.hashed) {
        write_hash(wanted.hash_path(), hash, stop_);
      }
      part.publish();
      return "";
    }
    part.clear();
    wanted.count.reach(0);
    if (!resumed) {
      return wrong;
    }
  }
}

// Until it is done, is not going to be, or was tried often enough.
template <typename Call>
Transfer Downloader::repeated(const Call& call) const {
  Transfer last = call();
  std::chrono::milliseconds wait = limits_.pause;
  for (int attempt = 2; last.state == TransferState::kBroken && attempt <= limits_.attempts; ++attempt) {
    core::log_debug("download", "again in {} ms: {}", wait.count(), last.reason);
    pause(wait, stop_);
    wait *= 2;
    last = call();
  }
  return last;
}

}  // namespace facegraph::models
