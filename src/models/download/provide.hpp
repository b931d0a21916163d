// Makes sure that the files of a run lie in the store, fetching what is missing. spec: application.md 8.2
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/base/stop.hpp"
#include "models/download/download_options.hpp"
#include "models/store/store.hpp"

namespace facegraph::models {

// Every file is present and whole afterwards. Official ones that are not are fetched, several at once, unless
// options.offline. Throws one Error(kFailed) that names every file that is missing or broken, why it could not be
// fetched and what to do; Error(kStopped).
void provide(const Store& store, std::span<const ModelFile> files, const DownloadOptions& options,
             const core::StopToken& stop, core::Progress& progress);

// The pictures, sounds and videos of `benchmark`: those of `names` that the folder lacks are fetched into it. Throws as
// provide. spec: application.md 8.1, 9
void provide_examples(const std::filesystem::path& folder, const std::vector<std::string>& names,
                      const DownloadOptions& options, const core::StopToken& stop, core::Progress& progress);

}  // namespace facegraph::models
