// Which addresses answer: asked once, when a file is really needed, and remembered. spec: application.md 8.1
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "core/base/stop.hpp"
#include "models/download/download_options.hpp"
#include "models/download/sources.hpp"

namespace facegraph::models {

// Thread safe.
class Reachability {
 public:
  // The first of the sources whose address answers a HEAD request, whatever it answers. None: no address did within
  // limits.probe, which counts for all of them together. Throws Error(kStopped).
  std::optional<std::size_t> first(std::span<const Source> sources, const TransferLimits& limits,
                                   const core::StopToken& stop);

 private:
  std::mutex mutex_;
  std::map<std::string, bool> answers_;  // by Source::base
};

}  // namespace facegraph::models
