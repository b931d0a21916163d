#include "models/download/provide.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>

#include <fmt/format.h>

#include "models/catalogue/model_set.hpp"
#include "models/download/downloader.hpp"

namespace facegraph::models {

namespace fs = std::filesystem;

namespace {

constexpr int kAtOnce = 4;
constexpr const char* kLabel = "downloading";
constexpr const char* kOffline = "nothing is fetched with --offline";
constexpr const char* kExamplesRelease = "examples-3.0.0";

// What is known of who answers, for the life of the process.
Reachability& reachability() {
  static Reachability answers;
  return answers;
}

// Runs call(0) ... call(count - 1), some at once, until one fails. Returns the messages of those that failed with
// kFailed; throws what else was thrown.
std::string failures_of(std::size_t count, const std::function<void(std::size_t)>& call) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    std::string failures;
    for (std::size_t i = next++; i < count && !failed; i = next++) {
      try {
        call(i);
      } catch (const core::Error& error) {
        failed = true;
        if (error.code() != core::ErrorCode::kFailed) {
          throw;
        }
        failures += (failures.empty() ? "" : ", ") + std::string(error.what());
      }
    }
    return failures;
  };
  std::vector<std::future<std::string>> workers;
  for (std::size_t i = 0; i < std::min<std::size_t>(count, kAtOnce); ++i) {
    workers.push_back(std::async(std::launch::async, work));
  }
  std::string failures;
  for (std::future<std::string>& worker : workers) {
    if (const std::string more = worker.get(); !more.empty()) {
      failures += (failures.empty() ? "" : ", ") + more;
    }
  }
  return failures;
}

std::string no_answer(const Downloader& downloader) {
  return fmt::format("none of {} answers", downloader.addresses());
}

// Why not all of the files are there now, or nothing.
std::string fetch(const Store& store, const std::vector<ModelFile>& files, const DownloadOptions& options,
                  const core::StopToken& stop, core::Progress& progress) {
  const Downloader downloader(options, reachability(), stop, progress);
  if (!downloader.reachable()) {
    return no_answer(downloader);
  }
  long long bytes = 0;
  for (const ModelFile& file : files) {
    bytes += announced_bytes(file);
  }
  progress.begin(kLabel, bytes, "bytes");
  std::string failures =
      failures_of(files.size(), [&](std::size_t i) { downloader.fetch_model(files[i], store.path(files[i])); });
  progress.end();
  return failures;
}

}  // namespace

void provide(const Store& store, std::span<const ModelFile> files, const DownloadOptions& options,
             const core::StopToken& stop, core::Progress& progress) {
  std::vector<Defect> defects = store.defects(files);
  std::vector<ModelFile> official;
  for (const Defect& defect : defects) {
    if (is_offered(defect.file)) {
      official.push_back(defect.file);
    }
  }
  std::string why;
  if (!official.empty() && options.offline) {
    why = options.providers.empty() ? "" : kOffline;
  } else if (!official.empty()) {
    why = fetch(store, official, options, stop, progress);
    if (why.empty()) {
      std::erase_if(defects, [](const Defect& defect) { return is_offered(defect.file); });
    } else {
      defects = store.defects(files);
    }
  }
  store.report(defects, why);
}

void provide_examples(const fs::path& folder, const std::vector<std::string>& names, const DownloadOptions& options,
                      const core::StopToken& stop, core::Progress& progress) {
  std::vector<fs::path> missing;
  std::string list;
  for (const std::string& name : names) {
    if (!fs::is_regular_file(folder / name)) {
      missing.push_back(folder / name);
      list += (list.empty() ? "" : ", ") + name;
    }
  }
  if (missing.empty()) {
    return;
  }
  std::string why = kOffline;
  if (!options.offline) {
    const Downloader downloader(options, reachability(), stop, progress);
    why = no_answer(downloader);
    if (downloader.reachable()) {
      progress.begin(kLabel, 0, "bytes");
      why = failures_of(missing.size(), [&](std::size_t i) { downloader.fetch_example(kExamplesRelease, missing[i]); });
      progress.end();
    }
  }
  if (!why.empty()) {
    core::fail(core::ErrorCode::kFailed, "{} of benchmark are missing; {}; put them into {}", list, why,
               folder.string());
  }
}

}  // namespace facegraph::models
