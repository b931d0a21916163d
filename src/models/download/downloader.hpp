// Fetches single files whole, or not at all: resumed, checked, source after source. spec: application.md 8.2
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "models/catalogue/model_file.hpp"
#include "models/download/download_options.hpp"
#include "models/download/reachability.hpp"
#include "models/download/sources.hpp"
#include "models/download/transfer.hpp"

namespace facegraph::models {

// Bytes of the file where they are known before anything is asked, else 0.
long long announced_bytes(const ModelFile& file);

// Thread safe; two calls for the same file, also of two processes, follow one another.
class Downloader {
 public:
  // reachability: who answers; its owner lets it live longer.
  Downloader(const DownloadOptions& options, Reachability& reachability, const core::StopToken& stop,
             core::Progress& progress);

  // Some address answers. Throws Error(kStopped).
  bool reachable() const;
  std::string addresses() const;  // "https://github.com, https://huggingface.co"

  // Fetches the model with its `.hash`; path: where it shall lie. A file that lies there is kept when the published
  // hash is its own, and gone on with when it is the beginning of the published one. The progress's total has
  // announced_bytes of it already.
  // Throws Error(kFailed) with the reason of every source, Error(kStopped); then nothing new lies under the final name,
  // and what came of the file waits in a `.part`.
  void fetch_model(const ModelFile& file, const std::filesystem::path& path) const;

  // Fetches a file that has no hash. Throws as fetch_model.
  void fetch_example(const std::string& release, const std::filesystem::path& path) const;

 private:
  struct Wanted;
  void fetch(const Wanted& wanted) const;
  std::string try_source(const Source& source, const Wanted& wanted) const;
  std::string fetch_hash(const std::string& url) const;
  std::string fetch_content(const std::string& url, const Wanted& wanted, const std::string& hash) const;
  template <typename Call>
  Transfer repeated(const Call& call) const;

  std::vector<Source> sources_;
  TransferLimits limits_;
  Reachability& reachability_;
  const core::StopToken& stop_;
  core::Progress& progress_;
};

}  // namespace facegraph::models
